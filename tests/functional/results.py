#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What must hold within the folder of a run: results.json, pictures, report.

results.py FOLDER PLANNED...: PLANNED are the names of the rows that were
planned, one an argument.  Prints a line a test, "pass<TAB>NAME" or
"fail<TAB>NAME<TAB>WHAT"; results.sh counts them.
"""
import csv
import glob
import html
import json
import os
import re
import sys
import xml.etree.ElementTree

NAME = re.compile(
    r"[a-z0-9_]+/[a-z0-9_]+(@[0-9a-z_.]+)?/[a-z0-9_]+(@[0-9a-z_.]+)?"
    r"/(wb|wc|uc|device)(/[a-z_]+:[a-z0-9_.]+)*")
GBENCH = (
    "name run_name run_type repetitions repetition_index threads iterations real_time cpu_time"
    " time_unit").split()
CONTEXT = (
    "schema machine_id evidence hypervisor topology kernel microcode compiler flags pinning"
    " warnings target partial").split()


def test(name, wrong):
    """wrong: what contradicts the test's name; nothing if all is well."""
    wrong = [str(w) for w in wrong]
    if wrong:
        print("fail", name, "; ".join(wrong[:5]), sep="\t")
    else:
        print("pass", name, sep="\t")


def rows_tests(runs, planned):
    names = [r["name"] for r in runs]
    test("at least 60 rows", [] if len(runs) >= 60 else [len(runs)])
    test("row names match family/kernel/barrier/memory/key:value...",
         [n for n in names if not NAME.fullmatch(n)])
    test("row names are unique", {n for n in names if names.count(n) > 1})
    test("every planned row is there, in the order of the plan",
         [] if names == planned else
         set(names) ^ set(planned) or ["the order differs"])
    test("Google Benchmark's members are there",
         [(r["name"], m) for r in runs for m in GBENCH if m not in r])
    test("a name is made of its parts",
         [r["name"] for r in runs
          if r["name"].split("/")[:4] !=
          [r["fencepost"][k] for k in ("family", "kernel", "barrier", "memory")]])


def status_tests(runs):
    others = [r for r in runs if r["fencepost"]["status"] != "ran"]
    ran = [r for r in runs if r["fencepost"]["status"] == "ran"]
    test("every row has a status",
         [r["name"] for r in runs
          if r["fencepost"]["status"] not in ("ran", "unsupported", "skipped", "failed")])
    test("all but those that ran have reason, error_occurred and error_message",
         [r["name"] for r in others
          if not r["fencepost"].get("reason") or r.get("error_occurred") is not True
          or r.get("error_message") != r["fencepost"]["reason"]])
    test("rows that ran have figures and no error",
         [r["name"] for r in ran
          if r.get("error_occurred") or not {"ns_min", "ns_p50", "ns_p99"} <= set(r["fencepost"])])
    # A difference of two medians may be below the difference of two minima.
    test("minimum <= median <= 99th percentile where nothing is subtracted",
         [r["name"] for r in ran
          if not ("/behind:" in r["name"] and r["fencepost"]["barrier"] != "none") and not
          r["fencepost"]["ns_min"] <= r["fencepost"]["ns_p50"] <= r["fencepost"]["ns_p99"]])
    test("Google Benchmark's time is the row's minimum",
         [r["name"] for r in ran
          if abs(r["real_time"] - max(r["fencepost"]["ns_min"], 0)) > 1e-5
          or r["time_unit"] != "ns"])
    test("no row is skipped or failed in a run that went well",
         [(r["name"], r["fencepost"]["reason"]) for r in others
          if r["fencepost"]["status"] in ("skipped", "failed")])
    test("only rows that wait for no store have cycles",
         [r["name"] for r in runs
          if "cycles_min" in r["fencepost"] and "/behind:" in r["name"]])


def context_tests(root):
    ours = root["context"]["fencepost"]
    test("context.fencepost has the fixed members and no other", set(CONTEXT) ^ set(ours))
    test("the run is not partial", [] if ours["partial"] is False else [ours["partial"]])
    test("the mapping says what memory it is, and on hardware how that was verified",
         [m for m in ours["target"]["mappings"]
          if not m.get("effective") or
          ours["evidence"] == "hardware" and not m.get("verified_by")])


def plotted(path):
    """The figures of a picture: (row, ns, text)."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = file.read().split("\n\n")[0].splitlines()
    return [(c[6], c[2], c[5]) for c in csv.reader(lines[1:])]


def rounded(value):
    """As pictures and tables print it: three digits, at most two decimals."""
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{decimals}f}"


def figure_tests(folder, runs):
    figure = {r["name"]: r["fencepost"].get("ns_min") for r in runs}
    paths = sorted(glob.glob(folder + "/plots/*.csv"))
    cells = [c for p in paths for c in plotted(p)]
    drawn = [(row, float(ns), text) for row, ns, text in cells if ns != "NaN"]
    test("figures are plotted, and every barrier row that ran is among them",
         ([] if drawn else ["no figure"]) +
         [n for n in figure if n.startswith("barrier/") and figure[n] is not None
          and n not in {c[0] for c in drawn}])
    test("every plotted figure is in results.json",
         [c for c in drawn if figure.get(c[0]) is None
          or abs(figure[c[0]] - c[1]) > 1e-6])
    test("every cell without a figure is a row without one",
         [row for row, ns, _ in cells if ns == "NaN" and figure.get(row) is not None])
    test("every figure is written as it is, to three digits",
         [c for c in drawn if abs(float(c[2]) - float(rounded(c[1]))) > 1e-9])
    return paths, drawn


def words_of(svg):
    return ["".join(e.itertext()).strip() for e in xml.etree.ElementTree.parse(svg).iter()
            if e.tag.endswith("}text")]


def picture_tests(paths, drawn):
    svg = [p[:-3] + "svg" for p in paths]
    png = [p[:-3] + "png" for p in paths]
    test("each picture is there as SVG and PNG",
         [p for p in svg + png if not os.path.exists(p)])
    words = [w for p in svg for w in words_of(p)]
    test("SVG is XML, and every figure stands in it",
         [c for c in drawn if words.count(c[2]) < sum(d[2] == c[2] for d in drawn)])
    test("PNG begins and ends as PNG does",
         [p for p in png for data in [open(p, "rb").read()]
          if not data.startswith(b"\x89PNG\r\n\x1a\n") or b"IEND" not in data[-12:]])


def report_tests(folder, root, drawn):
    with open(folder + "/report.html", encoding="utf-8") as file:
        text = file.read()
    loads = re.findall(r"""(?:src|href|srcset|data|poster)\s*=\s*["']?([^"'\s>]+)""", text)
    loads += re.findall(r"""url\(\s*["']?([^"')\s]+)""", text)
    loads += re.findall(r"""@import\s+["']?(\S+)""", text)
    test("report.html loads nothing from the network",
         [u for u in loads if re.match(r"([a-z]+:)?//", u)] +
         re.findall(r"<script[^>]*src[^>]*>|<link[^>]*>|<iframe[^>]*>", text))
    test("what report.html links to is in the folder",
         [u for u in loads if not re.match(r"#|data:|([a-z]+:)?//", u)
          and not os.path.exists(folder + "/" + u)])
    machine = root["context"]["fencepost"]["topology"]["model"]
    bare = html.unescape(text)
    test("report.html holds table, machine and warnings",
         [w for w in ["<table", machine] + root["context"]["fencepost"]["warnings"]
          if w not in bare])
    test("report.html holds the picture with its figures",
         [w for w in ["<svg"] + [c[2] for c in drawn] if w not in text])


def all_tests(folder, planned):
    with open(folder + "/results.json", encoding="utf-8") as file:
        root = json.load(file)
    runs = root["benchmarks"]
    rows_tests(runs, planned)
    status_tests(runs)
    context_tests(root)
    paths, drawn = figure_tests(folder, runs)
    if not os.environ.get("NO_PICTURES"):
        picture_tests(paths, drawn)
        report_tests(folder, root, drawn)


def main():
    try:
        all_tests(sys.argv[1], sys.argv[2:])
    except (OSError, LookupError, ValueError, xml.etree.ElementTree.ParseError) as error:
        test("what was written can be read", [repr(error)])


main()
