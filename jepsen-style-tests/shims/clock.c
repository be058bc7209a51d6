/* A wall clock that is wrong as told: loaded before a node, steered live through a shared file.
 * The monotonic clock is left alone: with that one wrong every timer hangs, and nothing is tested.
 *
 * Words of the file: 0 nanoseconds to add, 1 speed in thousandths, 2 the true time since when the
 * speed counts; 8 counts the answers that were wrong. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define WORDS 16

typedef int (*clock_fn)(clockid_t, struct timespec *);

static volatile int64_t *control;
static clock_fn true_clock;

__attribute__((constructor)) static void begin(void) {
  true_clock = (clock_fn)dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("FD_CLOCK_CONTROL");
  int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *words = mmap(0, WORDS * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (words != MAP_FAILED) control = words;
}

static void bend(struct timespec *time) {
  if (!control) return;
  int64_t add = control[0], speed = control[1], since = control[2];
  if (add == 0 && speed == 1000) return;
  int64_t now = time->tv_sec * SECOND + time->tv_nsec;
  if (speed != 1000 && since != 0) now = since + (now - since) / 1000 * speed;
  now += add;
  time->tv_sec = now / SECOND;
  time->tv_nsec = now % SECOND;
  __atomic_fetch_add(&control[8], 1, __ATOMIC_RELAXED);
}

int clock_gettime(clockid_t which, struct timespec *time) {
  if (!true_clock) true_clock = (clock_fn)dlsym(RTLD_NEXT, "clock_gettime");
  int failed = true_clock(which, time);
  if (!failed && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) bend(time);
  return failed;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  int failed = clock_gettime(CLOCK_REALTIME, &now);
  if (failed) return failed;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
