-- Reads: kind "get" (by id), "member" (by id, of users in groups), "username" (look-up), "email" (look-up by the work address).
local dir = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local common = dofile(dir .. "common.lua")
local base, kind, tokens

setup = common.setup
done = common.done

local paths = {
   get = function(n) return "/Users/" .. common.id(0, n) end,
   member = function(n) return "/Users/" .. common.id(0, n) end,
   username = function(n) return "/Users?filter=userName+eq+%22user" .. n .. "%40bench.example%22" end,
   email = function(n) return "/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22user" .. n .. "%40bench.example%22" end,
}

function init(args)
   base, tokens, kind = args[1], common.tokens(args[2]), args[3]
   math.randomseed(thread_number * 7919 + 17)
end

-- The users that are in groups are those of the last tenant.
local function user()
   if kind == "member" then
      return math.random(100001, 199999), tokens[#tokens]
   end
   return common.user(tokens)
end

function request()
   local n, token = user()
   return wrk.format("GET", base .. paths[kind](n), { Authorization = token })
end
