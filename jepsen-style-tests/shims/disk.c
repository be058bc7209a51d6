/* A disk that fails as told: loaded before a node, steered live through a shared file. Only regular
 * files are concerned, and never standard output and error, where the node's log goes.
 *
 * Words of the file: 0 the mode, 1 microseconds that each sync takes longer; from 8 on it counts
 * 8 syncs that were not done, 9 calls that failed with EIO, 10 with ENOSPC, 11 slow syncs, 12 bytes
 * of a write that was torn, 13 syncs that were done. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WORDS 16
/* A disk writes a sector or does not: a write is torn between two. */
#define SECTOR 512

enum { SOUND, LIES, BROKEN, FULL, TORN };
enum { LIED = 8, FAILED, REFUSED, SLOWED, TORN_BYTES, SYNCED };

static volatile int64_t *control;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FD_DISK_CONTROL");
  int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *words = mmap(0, WORDS * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (words != MAP_FAILED) control = words;
}

static void count(int word, int64_t by) {
  __atomic_fetch_add(&control[word], by, __ATOMIC_RELAXED);
}

static int concerned(int fd) {
  struct stat stat;
  return control && fd > STDERR_FILENO && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
}

/* The end of a sector in or before the middle of a write at `at`, or behind it; none if all of it
 * lies in one sector. */
static size_t torn_at(off64_t at, size_t bytes) {
  size_t first = SECTOR - (size_t)(at < 0 ? 0 : at) % SECTOR;
  if (first >= bytes) return 0;
  return bytes / 2 <= first ? first : first + (bytes / 2 - first) / SECTOR * SECTOR;
}

/* Whether a write fails, and how; `torn` bytes of it are written before the process dies. */
static int write_fails(int fd, off64_t at, size_t bytes, size_t *torn) {
  int64_t mode = control ? control[0] : SOUND;
  if (mode == SOUND || mode == LIES || !concerned(fd)) return 0;
  if (mode == TORN) {
    *torn = torn_at(at, bytes);
    return 0;
  }
  count(mode == FULL ? REFUSED : FAILED, 1);
  errno = mode == FULL ? ENOSPC : EIO;
  return -1;
}

static off64_t place(int fd) {
  return control && control[0] == TORN ? lseek64(fd, 0, SEEK_CUR) : 0;
}

static void die_torn(ssize_t written) {
  count(TORN_BYTES, written > 0 ? written : 0);
  kill(getpid(), SIGKILL);
}

/* The function that would have been called without us. */
#define TRUE(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int sync_as(int (*real)(int), int fd) {
  if (!concerned(fd)) return real(fd);
  int64_t mode = control[0], slow = control[1];
  if (mode == LIES) {
    count(LIED, 1);
    return 0;
  }
  if (mode == BROKEN) {
    count(FAILED, 1);
    errno = EIO;
    return -1;
  }
  if (slow > 0) {
    count(SLOWED, 1);
    usleep((useconds_t)slow);
  }
  count(SYNCED, 1);
  return real(fd);
}

int fsync(int fd) {
  TRUE(fsync);
  return sync_as(real, fd);
}

int fdatasync(int fd) {
  TRUE(fdatasync);
  return sync_as(real, fd);
}

ssize_t write(int fd, const void *from, size_t bytes) {
  TRUE(write);
  size_t torn = 0;
  if (write_fails(fd, place(fd), bytes, &torn)) return -1;
  if (torn) die_torn(real(fd, from, torn));
  return real(fd, from, bytes);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at) {
  TRUE(pwrite);
  size_t torn = 0;
  if (write_fails(fd, at, bytes, &torn)) return -1;
  if (torn) die_torn(real(fd, from, torn, at));
  return real(fd, from, bytes, at);
}

ssize_t pwrite64(int fd, const void *from, size_t bytes, off64_t at) {
  TRUE(pwrite64);
  size_t torn = 0;
  if (write_fails(fd, at, bytes, &torn)) return -1;
  if (torn) die_torn(real(fd, from, torn, at));
  return real(fd, from, bytes, at);
}

ssize_t writev(int fd, const struct iovec *from, int parts) {
  TRUE(writev);
  size_t torn = 0;
  if (write_fails(fd, place(fd), parts > 0 ? from[0].iov_len : 0, &torn)) return -1;
  if (torn) die_torn(write(fd, from[0].iov_base, torn));
  return real(fd, from, parts);
}
