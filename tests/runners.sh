# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# runners.sh - what groups run: scripts that print TAP, make check, the functional tests.

# A test that hangs must not hold up the others for ever.
patience=(timeout -k 10 600)

# tap NAME COMMAND...: its results, each under NAME; plan and status are held
# against them.
tap()
{
	local name=$1 ended

	shift
	"${patience[@]}" "$@" </dev/null | awk -v name="$name" '
		/^1\.\.[0-9]+/ {
			planned = substr($1, 4) + 0
			plan = 1
			if (planned == 0) {
				sub(/^1\.\.0 */, "")
				print "ok - " name " " $0
			}
			next
		}
		/^(not )?ok([ \t]|$)/ {
			ran++
			bad += /^not/
			result = /^not/ ? "not ok" : "ok"
			sub(/^(not )?ok *[0-9]*( *-)? */, "")
			print result " - " name ": " $0
			fflush()
			next
		}
		/^Bail out!/ { bad++; print "not ok - " name ": " $0; next }
		/^#/ { print; next }
		{ print "# " $0 }
		END {
			if (!plan)
				print "not ok - " name ": printed no plan"
			else if (planned != ran + 0)
				print "not ok - " name ": planned " planned ", ran " ran + 0
			exit bad || !plan || planned != ran + 0
		}'
	ended=("${PIPESTATUS[@]}")
	if ((ended[0] != 0 && ended[1] == 0)); then
		echo "not ok - $name: ended with status ${ended[0]}"
	fi
}

# make_check FOLDER NAME [VARIABLE=VALUE...]: automake's own test run.  Each program's
# results come in one piece, not into others' lines.
make_check()
{
	local folder=$1 name=$2 status=0 out=$1/check.out

	shift 2
	rm -f "$folder/test-suite.log"
	"${patience[@]}" make --no-print-directory -C "$folder" -j"$(nproc)" -O check "$@" >"$out" 2>&1 </dev/null || status=$?
	awk -v name="$name" -v status="$status" -v folder="$folder" '
		# What a program that died said last, from its log: a result, or what it tried then.
		function last_words(program,	line, last) {
			while ((getline line <(folder "/" program ".log")) > 0)
				if (line ~ /^(not )?ok|^# now: /)
					last = line
			if (sub(/^# now: /, "", last))
				return "at \"" last "\""
			return last == "" ? "before its first result" : "after \"" last "\""
		}
		function result(word,	program, death) {
			program = $2
			death = /terminated by signal|missing test plan/ ? ", " last_words($2) : ""
			sub(/.*\//, "", program)
			sub(/^[A-Z]+: [^ ]+ *[0-9]*( *-)? */, "")
			print word " - " name " " program ": " $0 death
			n++
		}
		/^(PASS|SKIP|XFAIL): / { result("ok") }
		/^(FAIL|ERROR|XPASS): / { result("not ok"); bad++ }
		/^# TOTAL: / { total = $3 }
		END {
			if (n != total)
				print "not ok - " name ": make check says " total + 0 " results, and shows " n + 0
			if (n == 0 || (status != 0 && !bad))
				print "not ok - " name ": make check ended with status " status
		}' "$out"
	if [[ $status != 0 && -e $folder/test-suite.log ]]; then
		awk '/^(ok|PASS|SKIP)/ { show = 0 } /^(not ok|ERROR|Bail out!)/ { show = 1 } show' \
			"$folder/test-suite.log" | diagnostics 60
	elif ((status != 0)); then
		diagnostics 60 <"$out"
	fi
}

#
# On this machine
#

# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

native_folder()
{
	echo "${FENCEPOST_TESTS_BUILD:-$root/build/tests-$(triplet)}"
}
native=$(native_folder)

build_native()
{
	if [[ ${FENCEPOST_TESTS_BUILD-} ]]; then
		build "$native"
	else
		build "$native" --enable-werror
	fi
}

# The programs of make check, by Makefile.am: their paths in a build.
unit_programs()
{
	awk '
		function show(words,	word, n, i) {
			n = split(words, word, " ")
			for (i = 1; i <= n; i++)
				if (word[i] ~ /^\$\(/)
					show(value[substr(word[i], 3, length(word[i]) - 3)])
				else
					print word[i]
		}
		/^[a-z_]+ *=/ { name = $1; sub(/^[^=]*=/, ""); inside = 1 }
		inside { inside = sub(/\\$/, ""); value[name] = value[name] " " $0 }
		END { show(value["unit_tests"]) }' "$root/Makefile.am"
}

unit_names()
{
	unit_programs | sed 's,.*/,,' | awk '!seen[$0]++'
}

# The chosen ones' paths, for make's TESTS.
chosen_programs()
{
	local program

	for program in $(unit_programs); do
		if is_chosen "${program##*/}"; then
			echo "$program"
		fi
	done
}

functional_names()
{
	find "$root/tests/functional" -name '*.sh' -printf '%f\n' | sed 's/\.sh$//' | sort
}

# says SCRIPT WORD: its head has a line "WORD: yes".
says()
{
	grep -q "^# $2: yes\$" "$root/tests/functional/$1.sh"
}

# functional_test PROGRAM NAME SCRIPT
functional_test()
{
	local scratch

	scratch=$(mktemp -d) || return
	tap "$2 $3" env -C "$scratch" FENCEPOST="$1" FENCEPOST_ROOT="$root" FENCEPOST_DATADIR="$root/plots" \
		FENCEPOST_OUT="$scratch/out" bash "$root/tests/functional/$3.sh"
	rm -rf "$scratch"
}

# Emulation is slow, and so is all that is not quick: a script says itself that it is
# short enough.
meant_here()
{
	{ [[ ! ${FENCEPOST_EMULATED-} ]] || says "$1" emulated; } && { [[ $quick == no ]] || says "$1" quick; }
}

# Where only quick ones run, none looks at a figure: then they run side by side.
functional_tests()
{
	local program=$1 name=$2 script scripts=() folder

	shift 2
	for script; do
		if meant_here "$script"; then
			scripts+=("$script")
		fi
	done
	verdict $((${#scripts[@]} == 0)) "$name has tests"
	if [[ $quick == no ]]; then
		for script in "${scripts[@]}"; do
			functional_test "$program" "$name" "$script"
		done
		return
	fi
	folder=$(mktemp -d) || return
	for script in "${scripts[@]}"; do
		if (($(jobs -pr | wc -l) >= $(nproc))); then
			wait -n
		fi
		functional_test "$program" "$name" "$script" >"$folder/$script" &
	done
	wait
	for script in "${scripts[@]}"; do
		cat "$folder/$script"
	done
	rm -rf "$folder"
}
