/* fsync and fdatasync that fail from one call on, as on a dying disk. Preloaded by tests into a child.
   SYNC_FAILS_FROM: the first call that fails (from 1). SYNC_COUNT: a file that gets the number of calls at the end. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_long calls;

static int fails(void) {
  const char *from = getenv("SYNC_FAILS_FROM");
  long number = atomic_fetch_add(&calls, 1) + 1;
  return from && number >= atol(from);
}

static int call(const char *name, int handle) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (fails()) {
    errno = EIO;
    return -1;
  }
  return real(handle);
}

int fsync(int handle) { return call("fsync", handle); }
int fdatasync(int handle) { return call("fdatasync", handle); }

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("SYNC_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (file) {
    fprintf(file, "%ld", (long)calls);
    fclose(file);
  }
}
