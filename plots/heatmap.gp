# SPDX-License-Identifier: MIT
#
# A heat map of family barrier: gnuplot -d -c heatmap.gp
#   data.csv output svg|png title subtitle notice footnote (more is not looked at)
#
# data.csv has blocks of cells, barriers, columns, groups, kernels and the size; its
# comments name the columns.  A cell's kind is 0 without a figure, 1 for the
# base, 2 for what the barrier adds; only the last has a colour.

# The encoding first: what gnuplot says of a locale without it is not an error.
set encoding utf8
set datafile separator comma

stats ARG1 index 5 using 1 name "W" nooutput
stats ARG1 index 5 using 2 name "H" nooutput
stats ARG1 index 0 using ($5 == 2 ? $4 : NaN) name "S" nooutput

# Pixels: a cell, and the space on each side of all cells.
cell_w = 62.0
cell_h = 30.0
left = 160.0
right = 108.0
top = 136.0 + (strlen(ARG6) ? 30.0 : 0.0)
bottom = 44.0
width = left + right + cell_w * W_max
width = width < 900 ? 900 : width
height = top + bottom + cell_h * H_max

png = ARG3 eq "png"
cairo = strstrt(GPVAL_TERMINALS, "pngcairo") > 0
if (png && cairo) {
	set terminal pngcairo size 2 * width, 2 * height background "#ffffff" noenhanced font "DejaVu Sans,9" fontscale 2 linewidth 2
} else { if (png) {
	set terminal png size 2 * width, 2 * height background "#ffffff" noenhanced truecolor
} else {
	set terminal svg size width, height background "#ffffff" noenhanced font "sans-serif,12" linewidth 1
} }
set output ARG2

# Colours of text have names of their own so that the report can turn them dark.
ink = "#1f2a37"
soft = "#5b6878"
faint = "#e6e9ee"
# A generic family in the SVG: it is shown where other fonts are installed.
big = png ? "DejaVu Sans,13" : "sans-serif,17"
small = png ? "DejaVu Sans,8" : "sans-serif,11"
mono = png ? "DejaVu Sans Mono,9" : "monospace,12"

# The axes cover the whole picture, in cells, so that names may stand beside the cells.
set lmargin at screen 0
set rmargin at screen 1
set tmargin at screen 1
set bmargin at screen 0
set xrange [-0.5 - left / cell_w:-0.5 + (width - left) / cell_w]
set yrange [-0.5 + (height - top) / cell_h:-0.5 - top / cell_h]
unset border
unset tics
unset key

set label 1 ARG4 at screen 18.0 / width, 1 - 26.0 / height left font big textcolor rgb ink
set label 2 ARG5 at screen 18.0 / width, 1 - 50.0 / height left font small textcolor rgb soft
set label 3 ARG7 at screen 18.0 / width, 18.0 / height left font small textcolor rgb soft
if (strlen(ARG6)) {
	set label 4 ARG6 at screen 18.0 / width, 1 - 80.0 / height left font big textcolor rgb "#c81e1e"
}

# viridis, light for cheap: to be told apart with any colour vision and in grey.
set palette defined (0 "#fde725", 0.15 "#a5db36", 0.3 "#4ac16d", 0.45 "#1fa187", 0.6 "#277f8e", 0.75 "#365c8d", 0.88 "#46327e", 1 "#440154")
# Nobody shall take an emulator's times for a result: grey, whatever the title says.
if (strlen(ARG6)) {
	set palette defined (0 "#f4f4f4", 1 "#8a8a8a")
}
least = S_records > 0 ? S_min : 0.5
most = S_records > 0 ? S_max : 1
most = most <= least ? least * 10 : most
set logscale cb
set cbrange [least:most]
set colorbox user origin screen (left + cell_w * W_max + 26) / width, screen bottom / height size screen 14.0 / width, screen cell_h * H_max / height noborder
set cbtics font small textcolor rgb soft scale 0.5 offset -0.5, 0
set format cb "%g"
set label 5 "ns" at screen (left + cell_w * W_max + 26) / width, 1 - (top - 12) / height left font small textcolor rgb soft

depth(v) = log(v / least) / log(most / least)
dark(v, kind) = kind == 2 && !strlen(ARG6) && depth(v) > 0.42
half = 0.485
set style fill solid 1.0 noborder
above(y) = -0.5 - y / cell_h

plot \
	ARG1 index 0 using ($5 == 0 ? $1 : NaN):2:(half):(half) with boxxyerror fillstyle pattern 4 linecolor rgb "#c3cad4", \
	ARG1 index 0 using ($5 == 1 ? $1 : NaN):2:(half):(half) with boxxyerror linecolor rgb faint, \
	ARG1 index 0 using ($5 == 2 ? $1 : NaN):2:(half):(half):4 with boxxyerror linecolor palette, \
	ARG1 index 0 using ($5 == 0 ? $1 : NaN):2:6 with labels font small textcolor rgb "#475467", \
	ARG1 index 0 using ($5 > 0 && !dark($4, $5) ? $1 : NaN):2:6 with labels textcolor rgb "#101418", \
	ARG1 index 0 using (dark($4, $5) ? $1 : NaN):2:6 with labels textcolor rgb "#fdfdfd", \
	ARG1 index 1 using (-0.62):1:2 with labels right font mono textcolor rgb ink, \
	ARG1 index 2 using 1:(above(12)):2 with labels font small textcolor rgb soft, \
	ARG1 index 3 using ($1 - half):(above(24)):($2 - $1 + 2 * half):(0) with vectors nohead linecolor rgb soft, \
	ARG1 index 3 using (($1 + $2) / 2):(above(35)):3 with labels font small textcolor rgb ink, \
	ARG1 index 4 using (($1 + $2) / 2):(above(52)):3 with labels font mono textcolor rgb ink, \
	for [side = -1:1:2] ARG1 index 0 using (png ? NaN : $1 + side * 0.25):2:(sprintf("point %d", int($9))) with labels hypertext point pointtype 5 pointsize 3.2 linecolor rgb "#ff000000"
unset output
