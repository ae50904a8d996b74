/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A list of what is refused, not of what is allowed: libraries and libc may begin to
 * use a new system call any day, and that must not stop a mail server. What is here
 * is of no use to any program that answers questions from the network.
 */
#include "plugin/confine_seccomp.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

#ifdef __has_include
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/filter.h>) && \
    __has_include(<linux/audit.h>)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#endif
#endif

/* The kernel tells processors apart by these; numbers of calls differ between them. */
#if defined(__x86_64__) && !defined(__ILP32__) && defined(AUDIT_ARCH_X86_64)
#define ARCH AUDIT_ARCH_X86_64
#define FOREIGN_CALLS 0x40000000U /* x32: another list of numbers, the same ARCH */
#elif defined(__i386__) && defined(AUDIT_ARCH_I386)
#define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__) && defined(AUDIT_ARCH_AARCH64)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEL__) && defined(AUDIT_ARCH_ARM)
#define ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64 && defined(AUDIT_ARCH_RISCV64)
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__) && defined(AUDIT_ARCH_PPC64LE)
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__) && defined(AUDIT_ARCH_S390X)
#define ARCH AUDIT_ARCH_S390X
#endif

#if defined(ARCH) && defined(SYS_seccomp) && defined(SECCOMP_FILTER_FLAG_TSYNC)

/* The leak checker of a sanitized build looks at its own threads this way. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED
#endif

static const uint32_t refused[] = {
	/* Other processes. */
#if defined(SYS_ptrace) && !defined(SANITIZED)
	SYS_ptrace,
#endif
#ifdef SYS_process_vm_readv
	SYS_process_vm_readv,
#endif
#ifdef SYS_process_vm_writev
	SYS_process_vm_writev,
#endif
#ifdef SYS_pidfd_getfd
	SYS_pidfd_getfd,
#endif
#ifdef SYS_kcmp
	SYS_kcmp,
#endif
#ifdef SYS_perf_event_open
	SYS_perf_event_open,
#endif
	/* Other views of the file system and of the machine. */
#ifdef SYS_mount
	SYS_mount,
#endif
#ifdef SYS_umount2
	SYS_umount2,
#endif
#ifdef SYS_mount_setattr
	SYS_mount_setattr,
#endif
#ifdef SYS_move_mount
	SYS_move_mount,
#endif
#ifdef SYS_open_tree
	SYS_open_tree,
#endif
#ifdef SYS_fsopen
	SYS_fsopen,
#endif
#ifdef SYS_fsconfig
	SYS_fsconfig,
#endif
#ifdef SYS_fsmount
	SYS_fsmount,
#endif
#ifdef SYS_fspick
	SYS_fspick,
#endif
#ifdef SYS_pivot_root
	SYS_pivot_root,
#endif
#ifdef SYS_chroot
	SYS_chroot,
#endif
#ifdef SYS_open_by_handle_at
	SYS_open_by_handle_at,
#endif
#ifdef SYS_fanotify_init
	SYS_fanotify_init,
#endif
#ifdef SYS_quotactl
	SYS_quotactl,
#endif
#ifdef SYS_setns
	SYS_setns,
#endif
#ifdef SYS_unshare
	SYS_unshare,
#endif
	/* Parts of the kernel that have let many a stranger in. */
#ifdef SYS_bpf
	SYS_bpf,
#endif
#ifdef SYS_userfaultfd
	SYS_userfaultfd,
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup,
#endif
#ifdef SYS_io_uring_enter
	SYS_io_uring_enter,
#endif
#ifdef SYS_io_uring_register
	SYS_io_uring_register,
#endif
#ifdef SYS_keyctl
	SYS_keyctl,
#endif
#ifdef SYS_add_key
	SYS_add_key,
#endif
#ifdef SYS_request_key
	SYS_request_key,
#endif
#ifdef SYS_personality
	SYS_personality,
#endif
#ifdef SYS_modify_ldt
	SYS_modify_ldt,
#endif
#ifdef SYS_iopl
	SYS_iopl,
#endif
#ifdef SYS_ioperm
	SYS_ioperm,
#endif
	/* The machine. */
#ifdef SYS_init_module
	SYS_init_module,
#endif
#ifdef SYS_finit_module
	SYS_finit_module,
#endif
#ifdef SYS_delete_module
	SYS_delete_module,
#endif
#ifdef SYS_kexec_load
	SYS_kexec_load,
#endif
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_reboot
	SYS_reboot,
#endif
#ifdef SYS_swapon
	SYS_swapon,
#endif
#ifdef SYS_swapoff
	SYS_swapoff,
#endif
#ifdef SYS_acct
	SYS_acct,
#endif
#ifdef SYS_syslog /* the kernel's log, not syslog(3) */
	SYS_syslog,
#endif
#ifdef SYS_sethostname
	SYS_sethostname,
#endif
#ifdef SYS_setdomainname
	SYS_setdomainname,
#endif
#ifdef SYS_settimeofday
	SYS_settimeofday,
#endif
#ifdef SYS_clock_settime
	SYS_clock_settime,
#endif
#ifdef SYS_clock_settime64
	SYS_clock_settime64,
#endif
};

/* New namespaces, which clone(2) makes as well: CLONE_NEWNS and its like. */
#define NAMESPACES 0x7e020000U
#ifdef __s390x__
#define FLAGS_ARG 1
#else
#define FLAGS_ARG 0
#endif
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

#define REFUSE(error) (SECCOMP_RET_ERRNO | ((error) & SECCOMP_RET_DATA))
#define FIELD(member) ((uint32_t)offsetof(struct seccomp_data, member))

/* What is before and behind the list: 4, 2 and 7, at most. */
#define FILTER_MAX (2 * COUNT_OF(refused) + 13)

struct filter {
	struct sock_filter line[FILTER_MAX];
	unsigned short len;
};

static void put(struct filter *f, unsigned code, uint32_t k, uint8_t yes, uint8_t no)
{
	f->line[f->len++] = (struct sock_filter){ (uint16_t)code, yes, no, k };
}

/* If the value at hand compares so, that is the answer. */
static void answer_if(struct filter *f, unsigned test, uint32_t value, uint32_t answer)
{
	put(f, BPF_JMP | test | BPF_K, value, 0, 1);
	put(f, BPF_RET | BPF_K, answer, 0, 0);
}

static void build(struct filter *f)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, FIELD(arch), 0, 0);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put(f, BPF_RET | BPF_K, REFUSE(EPERM), 0, 0);
	put(f, BPF_LD | BPF_W | BPF_ABS, FIELD(nr), 0, 0);
#ifdef FOREIGN_CALLS
	answer_if(f, BPF_JGE, FOREIGN_CALLS, REFUSE(EPERM));
#endif
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		answer_if(f, BPF_JEQ, refused[i], REFUSE(EPERM));
#ifdef SYS_clone3
	/* Its flags are out of sight; every libc goes on to clone(2). */
	answer_if(f, BPF_JEQ, SYS_clone3, REFUSE(ENOSYS));
#endif
	put(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	put(f, BPF_LD | BPF_W | BPF_ABS, FIELD(args[FLAGS_ARG]) + LOW_HALF, 0, 0);
	answer_if(f, BPF_JSET, NAMESPACES, REFUSE(EPERM));
	put(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

bool confine_seccomp(void)
{
	struct filter f = {0};
	struct sock_fprog program = { .filter = f.line };
	long r;

	build(&f);
	program.len = f.len;
	r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
	if (r > 0) /* a thread that has a filter of its own */
		errno = EBUSY;
	return r == 0;
}

#else

bool confine_seccomp(void)
{
	errno = ENOSYS;
	return false;
}

#endif
