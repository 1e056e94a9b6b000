/* Preloaded into the program, lets one of its calls that change files go wrong.
 *
 * Counted are writes to regular files, changes of their length, synchronisation, renaming, and closing of files that were
 * open for writing, in all processes that share FAULT_COUNTER, a file of 8 bytes.
 *   FAULT_AT   number of the call that goes wrong, from 1 on
 *   FAULT      "kill": the process dies before the call; "torn": in the middle of it;
 *              "full": from that call on nothing more can be written (after a part of its bytes);
 *              "once": this call fails, and no other
 * faults.py of this folder uses it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { writing, other };
enum outcome { goes_on, fails, half };

static uint64_t* counter;
static uint64_t fault_at;
static const char* fault = "";

__attribute__((constructor)) static void start(void) {
  const char* file = getenv("FAULT_COUNTER");
  const char* at = getenv("FAULT_AT");
  if (getenv("FAULT") != NULL) fault = getenv("FAULT");
  if (at != NULL) fault_at = strtoull(at, NULL, 10);
  if (file == NULL) return;
  const int descriptor = open(file, O_RDWR | O_CLOEXEC);
  void* memory = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory != MAP_FAILED) counter = memory;
  syscall(SYS_close, descriptor);
}

/* What is to become of the next call, which errno says if it fails. */
static enum outcome next(enum kind kind) {
  if (counter == NULL) return goes_on;
  const uint64_t number = __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
  if (fault_at == 0 || number < fault_at) return goes_on;
  if (strcmp(fault, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(fault, "torn") == 0) {
    if (kind == writing) return half;
    kill(getpid(), SIGKILL);
  }
  if (strcmp(fault, "once") == 0) {
    errno = EIO;
    return number == fault_at ? fails : goes_on;
  }
  errno = ENOSPC; /* renaming and closing take no room */
  if (kind == writing) return number == fault_at ? half : fails;
  return goes_on;
}

static int counted(int descriptor) {
  struct stat status;
  return syscall(SYS_fstat, descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

static int written(int descriptor) {
  return counted(descriptor) && (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

/* Bytes of a call that may write so many. */
static ssize_t part(enum outcome what, size_t size) { return what == half ? (ssize_t)(size / 2) : (ssize_t)size; }

static ssize_t end(enum outcome what, ssize_t result) {
  if (what == half && strcmp(fault, "torn") == 0) kill(getpid(), SIGKILL);
  if (what == half && result == 0) {
    errno = ENOSPC;
    return -1;
  }
  return result;
}

ssize_t write(int descriptor, const void* from, size_t size) {
  const enum outcome what = counted(descriptor) ? next(writing) : goes_on;
  if (what == fails) return -1;
  return end(what, syscall(SYS_write, descriptor, from, part(what, size)));
}

ssize_t writev(int descriptor, const struct iovec* from, int count) {
  const enum outcome what = counted(descriptor) ? next(writing) : goes_on;
  if (what == fails) return -1;
  return end(what, syscall(SYS_writev, descriptor, from, what == half ? count / 2 : count));
}

ssize_t pwrite(int descriptor, const void* from, size_t size, off_t at) {
  const enum outcome what = counted(descriptor) ? next(writing) : goes_on;
  if (what == fails) return -1;
  return end(what, syscall(SYS_pwrite64, descriptor, from, part(what, size), at));
}
ssize_t pwrite64(int, const void*, size_t, off_t) __attribute__((alias("pwrite")));

int ftruncate(int descriptor, off_t size) {
  return next(other) == fails ? -1 : (int)syscall(SYS_ftruncate, descriptor, size);
}
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));

/* Whether the disk has it is not for a test to see, and takes most of the time. */
int fsync(int descriptor) {
  (void)descriptor;
  return next(other) == fails ? -1 : 0;
}

int rename(const char* from, const char* to) {
  return next(other) == fails ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  return next(other) == fails ? -1 : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int close(int descriptor) {
  const enum outcome what = written(descriptor) ? next(other) : goes_on;
  const int result = (int)syscall(SYS_close, descriptor); /* closed it is in any case */
  if (what == fails) {
    errno = EIO;
    return -1;
  }
  return result;
}
