-- GETs by id of the tenants first to last (arguments behind path and tokens): what neighbours of a burdened tenant still get.
local dir = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local common = dofile(dir .. "common.lua")
local base, tokens, first, last

setup = common.setup
done = common.done

function init(args)
   base, tokens, first, last = args[1], common.tokens(args[2]), tonumber(args[3]), tonumber(args[4])
   math.randomseed(thread_number * 7919 + 17)
end

function request()
   local tenant = math.random(first, last)
   local n = math.random(0, 4999) * 20 + tenant - 1
   return wrk.format("GET", base .. "/Users/" .. common.id(0, n), { Authorization = tokens[tenant] })
end
