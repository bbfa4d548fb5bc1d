# SPDX-License-Identifier: MIT
#
# Curves of families copy and combine: gnuplot -d -c curves.gp
#   data.csv output svg|png title subtitle notice footnote time|bandwidth|combine detail
#
# detail: the memory type of copies; the barrier behind partial lines.
#
# data.csv begins with the series in each of the two panels and a mark; then a
# block a series with its name and lines of x,ns,point,row.  Series come in
# pairs, solid and dashed, but for the first panel of combine.

set encoding utf8
set datafile separator comma

stats ARG1 index 0 using 1 name "A" nooutput
stats ARG1 index 0 using 2 name "B" nooutput
stats ARG1 index 0 using 3 name "M" nooutput
n_first = int(A_max)
n_second = int(B_max)
mark = int(M_max)

combine = ARG8 eq "combine"
bandwidth = ARG8 eq "bandwidth"

# Pixels. Copies side by side, combine one above the other.
width = combine ? 940.0 : 1160.0
top = 74.0 + (strlen(ARG6) ? 30.0 : 0.0)
key_line = 18.0
most = n_first > n_second ? n_first : n_second
key = combine ? 0.0 : key_line * most
height = combine ? top + 602.0 : top + 470.0 + key

png = ARG3 eq "png"
cairo = strstrt(GPVAL_TERMINALS, "pngcairo") > 0
if (png && cairo) {
	set terminal pngcairo size 2 * width, 2 * height background "#ffffff" noenhanced font "DejaVu Sans,9" fontscale 2 linewidth 2 pointscale 2
} else { if (png) {
	set terminal png size 2 * width, 2 * height background "#ffffff" noenhanced truecolor
} else {
	set terminal svg size width, height background "#ffffff" noenhanced font "sans-serif,12" linewidth 1
} }
set output ARG2

ink = "#1f2a37"
soft = "#5b6878"
grid = "#d5dae1"
big = png ? "DejaVu Sans,13" : "sans-serif,17"
small = png ? "DejaVu Sans,8" : "sans-serif,11"

# Okabe and Ito's colours, and a shape of their own for each: to be told apart
# with any colour vision, and in grey. An emulator's are all grey.
array colours[5] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"]
array shapes[5] = [7, 5, 9, 13, 11]
colour(i) = strlen(ARG6) ? "#8a8a8a" : colours[(i % 5) + 1]
shape(i) = shapes[(i % 5) + 1]

set border 3 linecolor rgb soft
set tics nomirror textcolor rgb soft font small scale 0.5
set grid xtics ytics linecolor rgb grid linewidth 0.6
set key noautotitle
set style data linespoints

set multiplot
set label 1 ARG4 at screen 18.0 / width, 1 - 26.0 / height left font big textcolor rgb ink
set label 2 ARG5 at screen 18.0 / width, 1 - 50.0 / height left font small textcolor rgb soft
set label 3 ARG7 at screen 18.0 / width, 16.0 / height left font small textcolor rgb soft
if (strlen(ARG6)) {
	set label 4 ARG6 at screen 18.0 / width, 1 - 80.0 / height left font big textcolor rgb "#c81e1e"
}

# A panel's place on the screen, in pixels from the left and from the top.
left(p) = 74.0 + (combine || p == 0 ? 0 : width / 2)
wide = combine || n_first == 0 || n_second == 0
right(p) = (wide || p == 1 ? width : width / 2) - 22.0
from(p) = combine && p == 1 ? top + 320.0 : top + 22.0
to(p) = combine ? from(p) + 200.0 : height - 88.0 - key

shown(ns, x) = ns > 0 ? (bandwidth ? x / ns : ns) : NaN

if (combine) {
	set logscale y 10
	set format y "%g"
} else {
	set logscale x 2
	set logscale y 10
	set format y "%g"
	set format x "%g"
	set xtics add ("1" 1, "4" 4, "16" 16, "64" 64, "256" 256, "1 Ki" 1024, "4 Ki" 4096, "16 Ki" 16384, "64 Ki" 65536, "256 Ki" 262144, "1 Mi" 1048576)
}

# Both panels have the same height of scale, so that they can be read across.
if (!combine) {
	last = 2 * (n_first + n_second)
	stats ARG1 index 1:last using (shown($2, $1)) name "Y" nooutput
	stats ARG1 index 1:last using 1 name "X" nooutput
	if (Y_records > 0) {
		set yrange [0.7 * Y_min:1.6 * Y_max]
		set xrange [0.7 * X_min:1.5 * X_max]
	}
}

do for [p = 0:1] {
	n = p == 0 ? n_first : n_second
	pairs = !combine || p == 1
	begin = p == 0 ? 1 : 1 + n_first * (combine ? 1 : 2)
	count = pairs ? 2 * n : n
	if (n > 0) {
		place = wide && !combine ? 0 : p
		set lmargin at screen left(place) / width
		set rmargin at screen right(place) / width
		set tmargin at screen 1 - from(place) / height
		set bmargin at screen 1 - to(place) / height
		if (combine) {
			set xlabel (p == 0 ? "lines filled in turn" : "bytes of a line filled before " . ARG9) font small textcolor rgb soft offset 0, 0.4
			set ylabel "ns a line" font small textcolor rgb soft
			heading = p == 0 ? "Whole lines, filled in turn" : "Partial lines"
			# stats leaves out what is not in range.
			set xrange [*:*]
			set yrange [*:*]
			stats ARG1 index begin:(begin + count - 1) using (shown($2, $1)) name "Y" nooutput
			stats ARG1 index begin:(begin + count - 1) using 1 name "X" nooutput
			if (p == 0) {
				set yrange [0.7 * (Y_records > 0 ? Y_min : 1):1.5 * (Y_records > 0 ? Y_max : 10)]
			} else {
				unset logscale y
				set yrange [0:1.2 * (Y_records > 0 ? Y_max : 10)]
			}
			set xrange [0:(X_records > 0 ? X_max : 1) * 1.04]
			every = p == 0 ? 4 : 8
			set xtics every
		} else {
			set xlabel "bytes" font small textcolor rgb soft offset 0, 0.4
			set ylabel (bandwidth ? "bytes a ns (GB/s)" : "ns a copy") font small textcolor rgb soft
			heading = p == 0 ? (ARG9 eq "wb" ? "Device-safe: non-temporal and direct stores" : "Device-safe") : (ARG9 eq "wb" ? "Yardsticks, not to be ranked: plain cached stores" : "Not device-safe, or fills")
		}
		set label 5 heading at screen left(place) / width, 1 - (from(place) - 12) / height left textcolor rgb ink
		if (combine && p == 0 && mark > 0) {
			set arrow 1 from (mark + 0.5), graph 0 to (mark + 0.5), graph 1 nohead linecolor rgb soft dashtype 3
			set label 6 sprintf("%d lines combine ", mark) at (mark + 0.4), graph 0.94 right font small textcolor rgb soft
		}
		# A series has one line here for both of its own.
		set key at screen right(place) / width, screen 1 - (from(place) - 24) / height top right reverse Left samplen 3 font small textcolor rgb ink
		if (combine) {
			set key horizontal maxrows 1
		} else {
			set key vertical maxrows 5 at screen left(place) / width, screen (44.0 + key) / height top left
		}
		step = pairs ? 2 : 1
		if (png) {
			plot for [i = 0:n - 1] ARG1 index (begin + step * i) using 1:(shown($2, $1)) \
				linecolor rgb colour(i) pointtype shape(i) pointsize 0.55 linewidth 1.4 title columnhead(1), \
			for [i = 0:(pairs ? n - 1 : -1)] ARG1 index (begin + step * i + 1) using 1:(shown($2, $1)) \
				linecolor rgb colour(i) pointtype shape(i) pointsize 0.55 linewidth 1.4 dashtype 2
		} else {
			plot for [i = 0:n - 1] ARG1 index (begin + step * i) using 1:(shown($2, $1)) \
				linecolor rgb colour(i) pointtype shape(i) pointsize 0.55 linewidth 1.4 title columnhead(1), \
			for [i = 0:(pairs ? n - 1 : -1)] ARG1 index (begin + step * i + 1) using 1:(shown($2, $1)) \
				linecolor rgb colour(i) pointtype shape(i) pointsize 0.55 linewidth 1.4 dashtype 2, \
			for [i = 0:step * n - 1] ARG1 index (begin + i) using 1:(shown($2, $1)):(sprintf("point %d", int($3))) \
				with labels hypertext point pointtype 7 pointsize 1.6 linecolor rgb "#ff000000"
		}
		unset label 1
		unset label 2
		unset label 3
		unset label 4
		unset label 5
		unset label 6
		unset arrow 1
	}
}
unset multiplot
unset output
