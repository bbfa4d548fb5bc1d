/* SPDX-License-Identifier: MIT */
/*
 * Figures that others have measured, by microarchitecture: core cycles an
 * instruction, back to back, all lines in L1.
 *
 * From InstLatx64 (https://github.com/InstLatx64/InstLatx64, commit
 * 087af2c7d72c): raw output of AIDA64's instruction latency benchmark; the
 * throughput column.  Its cycle is that of the clock it was told: the latency
 * of imul, which is 3, reads 2.98 on several of these machines.
 */
struct published_core {
	const char *microarchitecture;
	const char *source;
	double nop, sfence, lfence, mfence, lock_add, xchg, serialize; /* 0: not measured */
};

static const struct published_core published_cores[] = {
	{ "Zen 5", "InstLatx64, Ryzen 9 9950X (AuthenticAMD0B40F40_K20_GraniteRidge_02_512b)",
	  0.129, 0.498, 10.936, 83.420, 19.672, 19.879, 0 },
	{ "Zen 4", "InstLatx64, Genoa (AuthenticAMD0A10F11_K19_Genoa_01)",
	  0, 1.00, 10.08, 58.42, 7.75, 7.67, 0 },
	{ "Zen 3", "InstLatx64, Ryzen 7 5800X (AuthenticAMD0A20F12_K19_Vermeer_03)",
	  0.172, 1.000, 10.000, 61.251, 7.501, 7.502, 0 },
	{ "Golden Cove (Sapphire Rapids)",
	  "InstLatx64, Core i9-12900K P core (GenuineIntel0090672_AlderLake_01_BC_AVX512)",
	  0.174, 5.975, 11.950, 38.028, 17.924, 16.929, 104.922 },
	{ "Raptor Cove (Emerald Rapids)",
	  "InstLatx64, Core i9-13900K P core (GenuineIntel00B0671_RaptorLake_01_BC)",
	  0.181, 5.989, 11.965, 38.210, 17.972, 16.974, 105.462 },
	{ "Redwood Cove (Granite Rapids)",
	  "InstLatx64, Core Ultra 7 155H P core (GenuineIntel00A06A4_MeteorLake_10_BC)",
	  0.167, 6.003, 12.009, 38.233, 17.017, 17.011, 104.440 },
	{ "Sunny Cove (Ice Lake server)", "InstLatx64, Xeon Gold 6330 (GenuineIntel00606A6_ICX)",
	  0.25, 6.00, 5.17, 36.17, 18.00, 18.00, 0 },
	{ "Skylake server",
	  "InstLatx64, Xeon Platinum 8280 (GenuineIntel0050657_CascadeLakeXeon)",
	  0.25, 6.00, 4.25, 33.25, 23.00, 23.00, 0 },
	{ "Skylake", "InstLatx64, Core i3-6100 (GenuineIntel00506E3_Skylake_05)",
	  0, 6.00, 4.25, 34.25, 23.00, 23.00, 0 },
};
