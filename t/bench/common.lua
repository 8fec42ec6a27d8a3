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

-- Rate, requests, answers that are no success, 99th percentile in ms, requests without an answer. What is not a success is counted, so that a
-- run of errors is not taken for speed. No answer comes where httpd closes a connection that waits for its next request.
function M.done(summary, latency)
   local errors = summary.errors
   io.write(string.format("RESULT %.1f %d %d %.3f %d\n", summary.requests / (summary.duration / 1000000), summary.requests, errors.status,
      latency:percentile(99) / 1000, errors.connect + errors.read + errors.write + errors.timeout))
end

return M
