# SPDX-License-Identifier: MIT
#
# results.jq - what must hold within results.json, and between it and the
# figures that are plotted.
#
#   jq -nr -f results.jq --rawfile planned FILE --rawfile plotted FILE --rawfile curves FILE results.json
#
# planned: the names of the rows that were planned, one a line.
# plotted: the cells of all pictures, one a line: row, ns, text, and ns as it is
# to be printed, with tabs between.
# curves: the points of all curves: row, a tab, ns.
# Prints a line a test: its name, a tab, and what contradicts it; nothing stands
# there if all is well.

# holds(NAME; WRONG): WRONG yields what contradicts the name.
def holds($name; wrong): "\($name)\t" + ([limit(5; wrong) | tojson] | join("; "));

def missing: . == null or . == false or . == "";
def lines: split("\n")[] | select(. != "");
# What only one of two arrays has.
def either($a; $b): ($a - $b) + ($b - $a) | .[];

# Names without the depths, which each run measures anew.
def any_depth:
	reduce (.[] | gsub("/behind:[0-9]+"; "/behind:N")) as $name ({ seen: {}, names: [] };
		if .seen[$name] then . else .seen[$name] = true | .names += [$name] end) | .names;

def row_name:
	"\\A[a-z0-9_]+/[a-z0-9_]+(@[0-9a-z_.]+)?/[a-z0-9_]+(@[0-9a-z_.]+)?"
	+ "/(wb|wc|uc|device)(/[a-z_]+:[a-z0-9_.]+)*(/target:[0-9a-f:.]+-bar[0-5])?\\z";
def gbench_members:
	["name", "run_name", "run_type", "repetitions", "repetition_index", "threads",
	"iterations", "real_time", "cpu_time", "time_unit"];
def context_members:
	["schema", "machine_id", "evidence", "hypervisor", "topology", "kernel", "microcode",
	"compiler", "flags", "pinning", "warnings", "target", "partial"];

def rows_tests($runs):
	[$runs[].name] as $names |
	($names | any_depth) as $ran | ([$planned | lines] | any_depth) as $plan |
	holds("at least 60 rows"; $runs | length | select(. < 60)),
	holds("row names match family/kernel/barrier/memory/key:value...";
		$names[] | select(test(row_name) | not)),
	holds("row names are unique"; $names | group_by(.)[] | select(length > 1)[0]),
	holds("every planned row is there, in the order of the plan";
		select($ran != $plan) | [either($ran; $plan)] |
		if . == [] then "the order differs" else .[] end),
	holds("Google Benchmark's members are there";
		$runs[] | [.name] + (gbench_members - keys | .[:1]) | select(length > 1)),
	holds("a name is made of its parts";
		$runs[] | select((.name | split("/")[:4]) !=
			[.fencepost | .family, .kernel, .barrier, .memory]).name);

def status_tests($runs):
	[$runs[] | select(.fencepost.status != "ran")] as $others |
	[$runs[] | select(.fencepost.status == "ran")] as $ran |
	holds("every row has a status";
		$runs[] | select([.fencepost.status] - ["ran", "unsupported", "skipped", "failed"] != []).name),
	holds("all but those that ran have reason, error_occurred and error_message";
		$others[] | select((.fencepost.reason | missing) or .error_occurred != true
			or .error_message != .fencepost.reason).name),
	holds("rows that ran have figures and no error";
		$ran[] | select((.error_occurred | missing | not)
			or ["ns_min", "ns_p50", "ns_p99", "ns_block_min"] - (.fencepost | keys) != []).name),
	# A difference of two medians may be below the difference of two minima.
	holds("minimum <= median of the blocks' minima <= 99th percentile where nothing is subtracted";
		$ran[] | select(.fencepost.family == "access") |
		select(.fencepost | (.ns_min <= .ns_block_min and .ns_block_min <= .ns_p99) | not).name),
	holds("minimum <= median <= 99th percentile where nothing is subtracted";
		$ran[] | select(.fencepost.family != "copy") |
		select((.name | contains("/behind:") | not) or .fencepost.barrier == "none") |
		select(.fencepost | (.ns_min <= .ns_p50 and .ns_p50 <= .ns_p99) | not).name),
	holds("Google Benchmark's time is the row's minimum";
		$ran[] | select((.real_time - ([.fencepost.ns_min, 0] | max) | fabs > 1e-5)
			or .time_unit != "ns").name),
	holds("no row is skipped or failed in a run that went well";
		$others[] | select(.fencepost.status | . == "skipped" or . == "failed") |
		[.name, .fencepost.reason]),
	holds("copies say whether they are safe for devices, and nothing else does";
		$runs[] | select((.fencepost | has("device_safe")) !=
			(.fencepost | .family == "copy" and has("stores"))).name),
	holds("only rows that wait for no store have cycles";
		$runs[] | select((.fencepost | has("cycles_min")) and (.name | contains("/behind:"))).name);

def context_tests($ours):
	holds("context.fencepost has the fixed members and no other";
		either(context_members; $ours | keys)),
	holds("the run is not partial"; $ours.partial | select(. != false)),
	holds("the mapping says what memory it is, and on hardware how that was verified";
		$ours.target.mappings[] | select((.effective | missing)
			or $ours.evidence == "hardware" and (.verified_by | missing)));

def figure_tests($runs):
	([$runs[] | {key: .name, value: .fencepost.ns_min}] | from_entries) as $figure |
	[$plotted | lines | split("\t") | {row: .[0], ns: .[1], text: .[2], rounded: .[3]}] as $cells |
	[$cells[] | select(.ns != "NaN") | .ns |= tonumber] as $drawn |
	holds("figures are plotted, and every barrier row that ran is among them";
		($drawn | select(. == []) | "no figure"),
		([$runs[] | select(.fencepost.ns_min != null).name | select(startswith("barrier/"))]
			- [$drawn[].row] | .[])),
	holds("every plotted figure is in results.json";
		$drawn[] | select($figure[.row] == null or ($figure[.row] - .ns | fabs > 1e-6))),
	([$curves | lines | split("\t") | {row: .[0], ns: (.[1] | tonumber)}]) as $points |
	holds("curves are plotted, and every point of theirs is in results.json";
		($points | select(. == []) | "no point"),
		($points[] | . as $p | $figure[$p.row] as $ns
			| select($ns == null or (($ns - $p.ns | fabs) > 1e-4 * ($ns | fabs))))),
	holds("every cell without a figure is a row without one";
		$cells[] | select(.ns == "NaN" and $figure[.row] != null).row),
	holds("every figure is written as it is, to three digits";
		$drawn[] | select((.text | tonumber) - (.rounded | tonumber) | fabs > 1e-9));

# Where there is none, input is an error.
input | .benchmarks as $runs |
rows_tests($runs),
status_tests($runs),
context_tests(.context.fencepost),
figure_tests($runs)
