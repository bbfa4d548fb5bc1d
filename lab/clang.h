/* SPDX-License-Identifier: MIT */
/* What kernel headers that were configured for gcc say otherwise to clang: lab/module. */
#undef CONFIG_CC_IS_GCC
#undef CONFIG_GCC_VERSION
#undef CONFIG_CC_IS_CLANG
#define CONFIG_CC_IS_CLANG 1
/* Named address spaces are gcc's. */
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT
/* What the kernel says of newer compilers since, and older headers do not. */
#if __has_warning("-Wdefault-const-init-unsafe")
#pragma clang diagnostic ignored "-Wdefault-const-init-unsafe"
#endif
