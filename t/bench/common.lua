-- What the wrk scripts share: tokens, ids, and a per-thread counter. Arguments after "--": base path, file of tokens, and what a
-- script wants more.
local M = {}

local thread_count = 0

function M.setup(thread)
   thread:set("thread_number", thread_count)
   thread_count = thread_count + 1
end

function M.tokens(path)
   local list = {}
   for line in io.lines(path) do
      list[#list + 1] = "Bearer " .. line
   end
   return list
end

function M.id(kind, n)
   return string.format("01900000-000%d-7000-8000-%012x", kind, n)
end

-- A user of the 20 small tenants and the token that may see it.
function M.user(tokens)
   local n = math.random(0, 99999)
   return n, tokens[n % 20 + 1]
end

-- Counts what is not a success, so that a run of errors is not taken for speed.
function M.done(summary, latency)
   io.write(string.format("RESULT %.1f %d %d %.3f\n", summary.requests / (summary.duration / 1000000), summary.requests,
      summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
      latency:percentile(99) / 1000))
end

return M
