-- Adds one member, takes it out again, and so on: the group keeps its size, every request is a real change.
local dir = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local common = dofile(dir .. "common.lua")
local base, token, size
local counter = 0

setup = common.setup
done = common.done

local add = [[{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"%s"}]}]}]]
local remove = [[{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"%s\"]"}]}]]

function init(args)
   base, size = args[1], tonumber(args[3])
   token = common.tokens(args[2])[21]
end

-- The users after the first 100,000 of tenant 21 are in no group; each thread has its own.
function request()
   local turn = math.floor(counter / 2)
   local user = common.id(0, 200000 + thread_number * 5000 + turn % 5000)
   local group = common.id(1, size * 10 + turn % 4)
   local body = (counter % 2 == 0 and add or remove):format(user)
   counter = counter + 1
   return wrk.format("PATCH", base .. "/Groups/" .. group, { Authorization = token, ["Content-Type"] = "application/scim+json" }, body)
end
