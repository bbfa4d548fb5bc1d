# SPDX-License-Identifier: MIT
#
# barriers.awk - the barriers of functions, and what they call, from objdump's text.
#
#   awk -v arch=ARCH -v wanted=REGEX -f barriers.awk kernel-code.txt DISASSEMBLY
#
# The first has lines "NAME ADDRESS", the kernel's functions.  A function begins at
# its symbol or at "== NAME", and is looked at if REGEX matches its name.  Each
# becomes a line:
#
#   NAME: BARRIER N[-M], ...; in loops: BARRIER N, ...; calls NAME, ...
#
# N is how many are executed from entry to return, N-M where ways through the
# function differ; in loops, how many stand there.  A compiler may have written the
# end of a function twice: the text of an instruction is no count of what is done.
# Calls include jumps to other functions; ? is one to an unknown place.

# Instructions are numbered; addresses stay text, being longer than awk's numbers.
function begin(text)
{
	finish()
	name = text ~ wanted ? text : ""
	n = 0
}

function kind(what, operands)
{
	if (arch == "x86_64") {
		if (what ~ /^(lock|[lms]fence)$/)
			return what
		return what ~ /^xchg/ && operands ~ /\(/ ? "xchg" : ""
	}
	if (arch == "arm64") {
		if (what ~ /^(dmb|dsb)$/)
			return what " " operands
		if (what == "dgh" || (what == "hint" && operands ~ /^#(0x)?6$/))
			return "dgh"
		return what == "isb" ? what : ""
	}
	if (what == "hwsync" || what == "sync")
		return "sync"
	if (what ~ /^(lwsync|eieio|isync)$/)
		return what
	return what == "twi" && operands ~ /^0,/ ? "twi" : ""
}

# "": goes on; jump, branch: to its last operand, or on; call; end: returns.
function flow(what, operands)
{
	if (arch == "x86_64") {
		if (what ~ /^(ret|retq|ud2|int3)$/ || (what ~ /^jmp/ && operands ~ /^\*/))
			return "end"
		if (what ~ /^call/)
			return operands ~ /^\*/ ? "" : "call"
		return what ~ /^jmp/ ? "jump" : what ~ /^j/ ? "branch" : ""
	}
	if (arch == "arm64") {
		if (what ~ /^(ret|br|brk)$/)
			return "end"
		if (what ~ /^b\.|^[ct]bn?z$/)
			return "branch"
		return what == "bl" ? "call" : what == "b" ? "jump" : ""
	}
	if (what ~ /^(blr|bctr)$/)
		return "end"
	if (what == "b" || what == "bl")
		return what == "b" ? "jump" : "call"
	return what ~ /^b/ && what !~ /lr[-+]?$|^b[cp]?(ctr|perm)|^br[dhw]$/ ? "branch" : ""
}

function instruction(at, what, operands,	target)
{
	n++
	number[at] = n
	barrier[n] = kind(what, operands)
	does[n] = flow(what, operands)
	target = operands
	sub(/ *<.*/, "", target)
	sub(/.*[, ]/, "", target)
	sub(/^0x/, "", target)
	goes_to[n] = target
	callee[n] = ""
}

# Of the linker: the name of what is called, which the instruction doesn't have yet.
function relocation(type, symbol)
{
	sub(/[-+]0x[0-9a-f]+$/, "", symbol)
	if (type !~ /PLT32|PC32|CALL26|JUMP26|REL24/ || does[n] == "")
		return
	if (symbol ~ /^(__fentry__|_mcount)$/)
		does[n] = "" # a NOP unless somebody traces it
	else if (symbol == "__x86_return_thunk")
		does[n] = "end"
	else
		callee[n] = symbol
}

function add(list, word)
{
	return index(", " list ",", ", " word ",") ? list : list (list == "" ? "" : ", ") word
}

# Where instruction i goes: to others, or 0.
function connect(i,	inside, to)
{
	goes_on[i] = does[i] != "end" && does[i] != "jump" && i < n ? i + 1 : 0
	jumps[i] = 0
	is_end[i] = does[i] == "end"
	if (does[i] == "" || is_end[i])
		return
	inside = callee[i] == "" && (goes_to[i] in number)
	if (inside && does[i] != "call")
		jumps[i] = number[goes_to[i]]
	else if (!inside) {
		to = callee[i] != "" ? callee[i] : goes_to[i] in known ? known[goes_to[i]] : "?" goes_to[i]
		calls = add(calls, to)
	}
	is_end[i] = does[i] != "call" && !jumps[i]
}

# Whether instruction i comes again after itself.
function is_in_loop(i,	n, todo, reached, j)
{
	todo[++n] = goes_on[i]
	todo[++n] = jumps[i]
	for (; n && todo[n] != i; ) {
		j = todo[n--]
		if (!j || j in reached)
			continue
		reached[j]
		todo[++n] = goes_on[j]
		todo[++n] = jumps[j]
	}
	return n > 0
}

# What is executed from i to a return, without what stands in loops: least[i] and
# most[i], -1 if no way leads there.  Those who are still on the way lead back.
function count_from(i, what,	own)
{
	own = barrier[i] == what && !in_loop[i]
	least[i] = most[i] = is_end[i] ? 0 : -1
	take(i, goes_on[i])
	take(i, jumps[i])
	if (most[i] >= 0) {
		least[i] += own
		most[i] += own
	}
}

function take(i, j)
{
	if (!j || walked[j] != "yes" || most[j] < 0)
		return
	if (most[i] < 0 || least[j] < least[i])
		least[i] = least[j]
	if (most[j] > most[i])
		most[i] = most[j]
}

# Depth first, each instruction behind those that it leads to; awks differ in how
# deep functions may call themselves.
function walk(what,	depth, way, i, j)
{
	delete walked
	way[depth = 1] = 1
	while (depth) {
		i = way[depth]
		walked[i] = "on the way"
		j = goes_on[i] && !walked[goes_on[i]] ? goes_on[i] : jumps[i]
		if (j && !walked[j]) {
			way[++depth] = j
			continue
		}
		count_from(i, what)
		walked[i] = "yes"
		depth--
	}
}

function count(what,	i, loops)
{
	walk(what)
	for (i = 1; i <= n; i++)
		loops += walked[i] == "yes" && in_loop[i] && barrier[i] == what
	if (most[1] > 0)
		outside = outside (outside == "" ? "" : ", ") what " " \
			(least[1] == most[1] ? most[1] : least[1] "-" most[1])
	if (loops)
		in_loops = in_loops (in_loops == "" ? "" : ", ") what " " loops
}

function finish(	i, kinds, list, m)
{
	if (name == "" || !n)
		return
	calls = outside = in_loops = kinds = ""
	for (i = 1; i <= n; i++)
		connect(i)
	for (i = 1; i <= n; i++) {
		in_loop[i] = barrier[i] != "" && is_in_loop(i)
		if (barrier[i] != "")
			kinds = add(kinds, barrier[i])
	}
	m = split(kinds, list, ", ")
	for (i = 1; i <= m; i++)
		count(list[i])
	print name ": " (outside == "" && in_loops == "" ? "none" : outside) \
		(in_loops == "" ? "" : (outside == "" ? "" : "; ") "in loops: " in_loops) \
		(calls == "" ? "" : "; calls " calls)
	delete number
	n = 0
}

FNR == NR {
	known[$2] = $1
	# powerpc: a second entry, for who has the same table of contents.
	if (arch == "ppc64le" && sub(/0$/, "8", $2))
		known[$2] = $1
	next
}

/^== / { begin($2); next }
/^[0-9a-f]+ <.*>:$/ {
	if ($2 != "<.data>:")
		begin(substr($2, 2, length($2) - 3))
	next
}
name != "" && $2 ~ /^R_/ { relocation($2, $3); next }
name != "" && /^ *[0-9a-f]+:\t/ {
	at = $1
	sub(/:$/, "", at)
	what = $2
	sub(/^ *[0-9a-f]+:\t[^ \t]+[ \t]*/, "")
	sub(/[ \t]*(\/\/.*)?$/, "")
	instruction(at, what, $0)
}

END { finish() }
