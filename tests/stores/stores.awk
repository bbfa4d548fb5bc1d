# SPDX-License-Identifier: MIT
#
# stores.awk - which stores stand in each copy's code: of a disassembly by objdump, with
# relocations, a line a function: "words8: movb, movq".
#
#   awk -v arch=ARCHITECTURE -v functions=EXPRESSION -v prefix=TEXT -f stores.awk DISASSEMBLY
#
# The functions are those that the extended regular expression finds; the prefix is put before
# their names.
#
# A store is named by its instruction and width, each named once: how often it stands there
# is the compiler's affair, which may unroll a loop or write its end twice.  What a function
# calls counts as its own; what is not in this object is named, as in "memcpy()".  Of a copy
# from a device the loads are named, since its stores go to RAM.  Stores to the stack are
# nobody's.

BEGIN { FS = "\t" }

# The register that decides on the width of an access.
function vector_width(operands) {
	if (operands ~ /%zmm/)
		return "/64"
	if (operands ~ /%ymm/)
		return "/32"
	return operands ~ /%xmm/ ? "/16" : ""
}

# AT&T's order, and each mnemonic with its suffix: what is written comes last.
function x86_64(mnemonic, operands) {
	if (mnemonic ~ /^rep/)
		return mnemonic " " substr(operands, 1, index(operands " ", " ") - 1)
	if (mnemonic ~ /^(movs|stos)[bwlq]$|^movdir64b/)
		return mnemonic
	if (operands !~ /\)$/ || operands ~ /%rip|\(%rsp[,)]|-0x[0-9a-f]+\(%rbp\)$/ ||
	    mnemonic ~ /^(cmp|test|nop|lea|prefetch|call|jmp|push|cs|data16)/)
		return ""
	return mnemonic vector_width(operands)
}

function arm64(mnemonic, operands) {
	if (operands ~ /\[(sp|x29)[],]/ || mnemonic !~ (loads ? "^ld" : "^(st|dc$|cas|swp)"))
		return ""
	sub(/^stur/, "str", mnemonic)
	sub(/^ldur/, "ldr", mnemonic)
	return mnemonic ~ /^(st|ld)(r|p|np)$/ ? mnemonic "/" substr(operands, 1, 1) : mnemonic
}

# Forms with an index, or that move the address on, store as the others do.
function ppc64le(mnemonic, operands) {
	if (operands ~ /\(r[12]\)$/ || mnemonic !~ (loads ? "^l([bhw]z|h?a|d|[vxf])" : "^(st|dcbz)"))
		return ""
	if (mnemonic ~ /^(st[bhwd]|l[bhw]z|ld)(u|x|ux)$/)
		sub(/u?x?$/, "", mnemonic)
	return mnemonic
}

function word_of(mnemonic, operands) {
	if (arch == "x86_64")
		return x86_64(mnemonic, operands)
	return arch == "arm64" ? arm64(mnemonic, operands) : ppc64le(mnemonic, operands)
}

function goes_to(name) {
	sub(/[-+]0x[0-9a-f]+$/, "", name)
	if (name != current && name !~ /^\.|^__stack_chk/)
		calls[current] = calls[current] " " name
}

/^[0-9a-f]+ <.*>:$/ {
	before = current
	current = $0
	gsub(/^.*<|>:$/, "", current)
	# An assembler's padding may begin with a branch over the rest of it.
	if (mnemonic == "b")
		sub(" " current "$", "", calls[before])
	order[++n] = current
	known[current] = 1
	loads = current ~ /fromio/
	next
}

# "  2a:	movb   %al,(%rdi)", on some architectures with a tab behind the mnemonic.
/^ *[0-9a-f]+:\t/ && $2 !~ /^ *$/ {
	text = $2 " " $3
	sub(/^ +/, "", text)
	sub(/ *(#|\/\/|;).*$/, "", text)
	sub(/ +$/, "", text)
	sub(/^notrack +/, "", text)
	if (text ~ /^(nop|ori +r2,r2,0)$/)
		next
	mnemonic = operands = text
	sub(/ .*$/, "", mnemonic)
	sub(/^[^ ]+ */, "", operands)
	jumps = mnemonic ~ /^(call|j|b)/
	if (jumps && match(text, /<[^>]+>$/))
		goes_to(substr(text, RSTART + 1, RLENGTH - 2))
	word = word_of(mnemonic, operands)
	if (word)
		stores[current] = stores[current] ", " word
	next
}

# A relocation belongs to the instruction before it.
/^\t+[0-9a-f]+: R_/ && jumps { goes_to($NF) }

# The words of a function and of what it calls, into found[].
function collect(name,	i, list, count) {
	if (seen[name]++)
		return
	if (!known[name]) {
		found[name "()"] = 1
		return
	}
	count = split(stores[name], list, ", ")
	for (i = 2; i <= count; i++)
		found[list[i]] = 1
	count = split(calls[name], list, " ")
	for (i = 1; i <= count; i++)
		collect(list[i])
}

function sorted(	word, line, i, j, list, count, x) {
	for (word in found)
		list[++count] = word
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			x = list[j]
			list[j] = list[j - 1]
			list[j - 1] = x
		}
	for (i = 1; i <= count; i++)
		line = line (i > 1 ? ", " : "") list[i]
	return line
}

END {
	for (i = 1; i <= n; i++) {
		name = order[i]
		if (!sub(functions, prefix "&", name))
			continue
		split("", seen)
		split("", found)
		collect(order[i])
		print name ": " sorted()
	}
}
