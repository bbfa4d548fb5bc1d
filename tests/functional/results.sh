#!/bin/bash
# SPDX-License-Identifier: MIT
#
# results.sh - a real --quick run: its results, its pictures, its report; and
# the options that choose what is run and where it goes.
#
# emulated: yes
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

idle=(--quick --filter '^barrier/idle/')

# value FILE PATH...: of a member of JSON, given by keys.
value()
{
	jq -r 'getpath($ARGS.positional) | values' "$1" --args "${@:2}"
}

context()
{
	value "$1" context fencepost "${@:2}"
}

# The same JSON, however it is laid out.
# shellcheck disable=SC2317 # by way of proves
same_json()
{
	jq -en --slurpfile a "$1" --slurpfile b "$2" '$a == $b and ($a | length) == 1'
}

#
# One real run
#

test_quick_run()
{
	run --quick --seed 42 --json copy.json
	is "$status" 0 "--quick: exit 0"
	is "$(errors)" "" "--quick: no error"
	folder=$FENCEPOST_OUT/latest
	proves "--quick: results.json is as its schema says" valid "$folder/results.json"
	proves "--json FILE is results.json" cmp copy.json "$folder/results.json"
	like "$(readlink "$folder")" '^[0-9]{8}T[0-9]{6}Z(-[0-9]+)?$' "out/latest leads to the folder of this time"
	is "$(value "$folder/results.json" context seed)" 42 "the seed is in the results"
	like "$(<stdout)" 'seed 42[, ]' "the table names the seed"
	is "$(errors | wc -l)$(grep -c '\[[0-9]' stderr)" 00 "no progress where stderr is no terminal"
}

# nothing FOUND NAME: FOUND contradicts what the name says.
nothing()
{
	[[ ! $1 ]]
	verdict $? "--quick: $2" "$1"
}

# The cells of all pictures, as results.jq takes them; the last is ns as
# pictures and tables print it: three digits, at most two decimals.
plotted()
{
	local picture

	for picture in "$folder"/plots/barrier-*.csv; do
		sed '/^$/,$d' "$picture" | cells - row ns text
	done | awk -F '\t' '{
		size = $2 < 0 ? -$2 : $2
		printf "%s\t%." (size < 9.995 ? 2 : size < 99.95 ? 1 : 0) "f\n", $0, $2
	}'
}

# The points of all curves: row and ns; where a bandwidth is drawn, it is gnuplot that divides.
curves()
{
	cat "$folder"/plots/{copy,combine}-*.csv 2>/dev/null |
		awk -F, '$4 ~ /^"[a-z]/ && $2 != "NaN" { gsub(/"/, "", $4); print $4 "\t" $2 }'
}

# The texts of the figures that are drawn.
drawn()
{
	awk -F '\t' '$2 != "NaN" { print $3 }' figures
}

test_contents()
{
	local name wrong

	run --quick --list rows --format csv
	cells stdout row >planned
	plotted >figures
	# shellcheck disable=SC2094 # a function and a file
	curves >curves
	jq -nr -f "${lib%/*}/results.jq" --rawfile planned planned --rawfile plotted figures --rawfile curves curves \
		"$folder/results.json" >verdicts 2>errors ||
		not_ok "--quick: what was written can be read" "$(<errors)"
	while IFS=$'\t' read -r name wrong; do
		nothing "$wrong" "$name"
	done <verdicts
}

absent()
{
	local file

	for file; do
		[[ -e $file ]] || echo "$file"
	done
}

not_xml()
{
	xmllint --nonet --noout "$@" 2>&1 || echo "not XML"
}

# The texts of pictures, one a line.
texts()
{
	local svg

	for svg; do
		xmllint --nonet --nocdata --xpath '//*[local-name() = "text" and namespace-uri() != ""]' "$svg" |
			tr '\n' ' ' | sed 's,</text>,&\n,g'
	done | sed 's/<[^>]*>//g; s/^ *//; s/ *$//'
}

not_png()
{
	local file

	for file; do
		if [[ $(head -c 8 "$file" | od -An -tx1) != ' 89 50 4e 47 0d 0a 1a 0a' ]] ||
			! tail -c 12 "$file" | grep -aq IEND; then
			echo "$file"
		fi
	done
}

test_pictures()
{
	local svg png

	svg=("$folder"/plots/*.csv)
	svg=("${svg[@]/%.csv/.svg}")
	png=("${svg[@]/%.svg/.png}")
	nothing "$(absent "${svg[@]}" "${png[@]}")" "each picture is there as SVG and PNG"
	# A figure that is drawn twice stands there twice.
	nothing "$(not_xml "${svg[@]}"; comm -23 <(drawn | sort) <(texts "${svg[@]}" | sort))" \
		"SVG is XML, and every figure stands in it"
	nothing "$(not_png "${png[@]}")" "PNG begins and ends as PNG does"
}

# What a page on one line refers to, one a line.
references()
{
	local space='[[:space:]]'

	grep -aoE "(src|href|srcset|data|poster)$space*=$space*[\"']?[^\"'[:space:]>]+" <<<"$1" |
		sed -E "s/^[a-z]+$space*=$space*[\"']?//"
	grep -aoE "url\($space*[\"']?[^\"')[:space:]]+" <<<"$1" | sed -E "s/^url\($space*[\"']?//"
	grep -aoE "@import$space+[\"']?[^[:space:]]+" <<<"$1" | sed -E "s/^@import$space+[\"']?//"
}

# The words on stdin, one a line, that do not stand in TEXT.
lacking()
{
	local word

	while IFS= read -r word; do
		[[ $1 == *"$word"* ]] || printf '%s\n' "$word"
	done
}

test_report()
{
	local page elsewhere='^([a-z]+:)?//' link

	page=$(tr '\n' ' ' <"$folder/report.html")
	nothing "$(references "$page" | grep -E "$elsewhere"
		grep -aoE '<script[^>]*src[^>]*>|<link[^>]*>|<iframe[^>]*>' <<<"$page")" \
		"report.html loads nothing from the network"
	nothing "$(references "$page" | grep -Ev "^#|^data:|$elsewhere" | while IFS= read -r link; do
		absent "$folder/$link"
	done)" "what report.html links to is in the folder"
	nothing "$(jq -nr 'input.context.fencepost | "<table", (.topology.model // error("no model"), .warnings[] | gsub("\n"; " "))' \
		"$folder/results.json" |
		lacking "$(sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#39;/'/g; s/&amp;/\&/g" <<<"$page")" ||
		echo "results.json can't be read")" "report.html holds table, machine and warnings"
	nothing "$( (echo '<svg'; drawn) | lacking "$page")" "report.html holds the picture with its figures"
}

# Printed formats agree with results.json on what ran.
test_formats()
{
	local format

	run "${idle[@]}" --output formats --format csv --json formats.json
	is "$(cells stdout name | sort)" "$(jq -r '.benchmarks[].name' formats.json | sort)" \
		"--format csv has a line for every row"
	run "${idle[@]}" --output formats --format json
	proves "--format json prints results.json" same_json stdout formats/results.json
	run "${idle[@]}" --output formats --json -
	proves "--json - prints results.json" same_json stdout formats/results.json
	for format in text markdown; do
		run "${idle[@]}" --output formats --format $format
		is "$status$(errors)" 0 "--format $format: exit 0"
	done
	like "$(grep -c '^|' stdout)" '^[1-9][0-9]*$' "--format markdown prints tables"
	[[ ! -e $FENCEPOST_OUT/formats && -e formats/report.html ]]
	verdict $? "--output: there and nowhere else"
}

#
# What is run
#

names()
{
	run --quick --list rows --format csv "$@"
	cells stdout row
}

test_choice()
{
	local all

	all=$(names)
	is "$(names --filter '^barrier/idle/')" "$(grep '^barrier/idle/' <<<"$all")" "--filter: only those that match"
	is "$(names --exclude '^barrier/idle/')" "$(grep -v '^barrier/idle/' <<<"$all")" "--exclude: not those that match"
	is "$(names --filter '^access/' --exclude 'load|nop')" "$(grep '^access/' <<<"$all" | grep -Ev 'load|nop')" \
		"--filter and --exclude together"
	is "$(names access)" "$(grep '^access/' <<<"$all")" "a family: only its rows"
	is "$(names --memory wb)" "$(grep '/wb' <<<"$all")" "--memory wb"
	is "$(names --target ram)" "$all" "--target ram is the default"
	(($(names --full | wc -l) > $(wc -l <<<"$all")))
	verdict $? "--full has more rows than --quick"
}

#
# Where it runs
#

# pinned_to CPU: a run so pinned is, while it runs.
pinned_to()
{
	local cpu=$1 pid tries list seen=

	"$FENCEPOST" --cpu "$cpu" --output "pinned-$cpu" >stdout 2>stderr </dev/null &
	pid=$!
	for ((tries = 0; tries < 1000; tries++)); do
		list=$(awk '$1 == "Cpus_allowed_list:" { print $2 }' "/proc/$pid/status" 2>/dev/null) || break
		if [[ $list == "$cpu" && -e pinned-$cpu ]]; then
			seen=yes
			break
		fi
		sleep 0.02
	done
	sleep 0.2
	kill -INT $pid 2>/dev/null
	wait $pid
	is "$seen" yes "--cpu $cpu: the process is pinned there while it runs"
	is "$(context "pinned-$cpu/results.json" pinning cpu)" "$cpu" "--cpu $cpu: the results say so"
}

test_cpus()
{
	local allowed first last n

	mapfile -t allowed < <(allowed_cpus)
	n=${#allowed[@]} first=${allowed[0]} last=${allowed[-1]}
	pinned_to "$last"
	if ((n == 1)); then
		skip "--cpu of another CPU" "this machine has one CPU for us"
		skip "the default is away from CPU 0" "this machine has one CPU for us"
	else
		pinned_to "$first"
		run "${idle[@]}" --output default-cpu
		if [[ $(context default-cpu/results.json topology cores) == 1 ]]; then
			skip "the default is away from CPU 0" "this machine has one CPU core"
		else
			[[ $(context default-cpu/results.json pinning cpu) != 0 ]]
			verdict $? "the default is away from CPU 0"
		fi
	fi
	status=0
	taskset -c "$first" "$FENCEPOST" "${idle[@]}" --output one-cpu >stdout 2>stderr </dev/null || status=$?
	is "$status$(errors)" 0 "on one CPU: exit 0"
	is "$(context one-cpu/results.json pinning allowed)" 1 "on one CPU: the results say that only one was allowed"
	is "$(context one-cpu/results.json pinning cpu)" "$first" "on one CPU: pinned to that one"
}

#
# Evidence
#

# The program without the word that its wrapper adds.
unmarked()
{
	if [[ $emulated ]]; then
		"$FENCEPOST_ROOT/lab/cross" "$emulated" run "$build/fencepost" "$@"
	else
		"$FENCEPOST" "$@"
	fi
}

test_evidence()
{
	run "${idle[@]}" --output lowered --evidence emulated
	is "$(context lowered/results.json evidence)" emulated "--evidence emulated: the results are marked"
	like "$(context lowered/results.json warnings)" 'emulated' "--evidence emulated: a warning is in the results"
	unmarked "${idle[@]}" --output found >stdout 2>stderr </dev/null
	unmarked "${idle[@]}" --output raised --evidence hardware >stdout 2>stderr </dev/null
	if [[ $emulated || $(context found/results.json hypervisor) == *QEMU* ]]; then
		is "$(context found/results.json evidence)" emulated "an emulated CPU is found out"
		is "$(context raised/results.json evidence)" emulated "--evidence hardware can't raise an emulated CPU"
		like "$(<stderr)" 'warning: --evidence hardware' "--evidence hardware on an emulated CPU: a warning"
		return
	fi
	is "$(context found/results.json evidence)" hardware "on hardware the evidence is hardware"
	is "$(context raised/results.json evidence)" hardware "--evidence hardware on hardware changes nothing"
}

#
# Figures: the one test that looks at what a barrier costs
#

# cost FILE ROW: its minimum, in ps.
cost()
{
	cells "$1" name ns_min | awk -F '\t' -v row="$2" '$1 == row { printf "%d\n", $2 * 1000 }'
}

# A barrier behind many missing stores costs more than behind one; tried three
# times, because another program may disturb one of the few rows.
test_cost()
{
	local fence=$1 try many one most

	for ((try = 1; try <= 3; try++)); do
		run barrier --filter "^barrier/(store8/(none|$fence)/wb/behind:[0-9]+/next:load|idle/.*)$" \
			--format csv --output cost
		most=$(cells stdout name | sed -n "s,^barrier/store8/$fence/wb/behind:\([0-9]*\)/.*,\1,p" | sort -n | tail -n 1)
		one=$(cost stdout "barrier/store8/$fence/wb/behind:1/next:load")
		many=$(cost stdout "barrier/store8/$fence/wb/behind:$most/next:load")
		idle_cycles=$(cells stdout name cycles_min | grep -c '^barrier/idle/.*	[0-9]')
		echo "# $fence holds the next load up by ${one:-?} ps behind 1 missing store, ${many:-?} ps behind $most; $idle_cycles idle rows have cycles"
		if ((${many:-0} > ${one:-0} && idle_cycles > 0)); then
			break
		fi
	done
	((${many:-0} > ${one:-0}))
	verdict $? "$fence costs more behind $most missing stores than behind 1"
	((idle_cycles > 0))
	verdict $? "idle barriers have core cycles"
}

test_figures()
{
	if [[ $(context found/results.json evidence) == emulated ]]; then
		skip "cost behind many missing stores, core cycles" "not for an emulated CPU"
		return
	fi
	"$FENCEPOST" --api kernel:mb --format csv 2>/dev/null >list
	test_cost "$(cells list here id | sed -n 's/^yes	//p')"
}

for tool in jsonschema jq xmllint; do
	if ! have $tool; then
		skip_all "$tool is not installed (python3-jsonschema, jq, libxml2-utils)"
	fi
done
test_quick_run
test_contents
if have gnuplot; then
	test_pictures
	test_report
else
	skip "pictures" "gnuplot is not installed"
fi
test_formats
test_choice
test_cpus
test_evidence
test_figures
finish
