/* The peer for scalar multiplication and ECDSA: libsecp256k1, asked line by line.
 *
 *   cc -O2 -o peer peer.c -lsecp256k1
 *
 * It answers "ready" once, and then each line "OPERATION COUNT" with the nanoseconds that COUNT operations took.
 * Keys and points are made before the clock starts; results are kept, so that no work is left out. */
#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SET 64

static secp256k1_context *context;
static unsigned char keys[SET][32], digests[SET][32];
static secp256k1_pubkey points[SET];
static secp256k1_ecdsa_signature signatures[SET];
static volatile unsigned char kept;

/* A small generator is enough: the operations under test do not depend on how the keys were drawn. */
static uint64_t state = 0x9e3779b97f4a7c15u;

static unsigned char next_byte(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned char)(state >> 32);
}

static void fill(unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) bytes[i] = next_byte();
}

/* Only x, as a compressed point without its first byte; the default would hash it. */
static int copy_x(unsigned char *output, const unsigned char *x, const unsigned char *y, void *data) {
  (void)y;
  (void)data;
  memcpy(output, x, 32);
  return 1;
}

static void die(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

static void set_up(void) {
  unsigned char seed[32];
  context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
  fill(seed, sizeof seed);
  if (!secp256k1_context_randomize(context, seed)) die("randomize");
  for (int i = 0; i < SET; i++) {
    do fill(keys[i], 32); while (!secp256k1_ec_seckey_verify(context, keys[i]));
    fill(digests[i], 32);
    if (!secp256k1_ec_pubkey_create(context, &points[i], keys[i])) die("create");
    if (!secp256k1_ecdsa_sign(context, &signatures[i], digests[i], keys[i], NULL, NULL)) die("sign");
  }
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void ecdh(int i) {
  unsigned char x[32];
  if (!secp256k1_ecdh(context, x, &points[(i + 1) % SET], keys[i % SET], copy_x, NULL)) die("ecdh");
  kept ^= x[0];
}

static void compressed(const secp256k1_pubkey *point) {
  unsigned char bytes[33];
  size_t length = sizeof bytes;
  if (!secp256k1_ec_pubkey_serialize(context, bytes, &length, point, SECP256K1_EC_COMPRESSED)) die("serialize");
  kept ^= bytes[1];
}

static void tweak_mul(int i) {
  secp256k1_pubkey point = points[(i + 1) % SET];
  if (!secp256k1_ec_pubkey_tweak_mul(context, &point, keys[i % SET])) die("tweak_mul");
  compressed(&point);
}

static void create(int i) {
  secp256k1_pubkey point;
  if (!secp256k1_ec_pubkey_create(context, &point, keys[i % SET])) die("create");
  compressed(&point);
}

static void sign(int i) {
  secp256k1_ecdsa_signature signature;
  if (!secp256k1_ecdsa_sign(context, &signature, digests[i % SET], keys[i % SET], NULL, NULL)) die("sign");
  kept ^= signature.data[0];
}

static void verify(int i) {
  if (!secp256k1_ecdsa_verify(context, &signatures[i % SET], digests[i % SET], &points[i % SET])) die("verify");
}

static const struct {
  const char *name;
  void (*run)(int);
} operations[] = {{"ecdh", ecdh}, {"tweak_mul", tweak_mul}, {"create", create}, {"sign", sign}, {"verify", verify}};

int main(void) {
  char name[32];
  int count;
  set_up();
  printf("ready\n");
  fflush(stdout);
  while (scanf("%31s %d", name, &count) == 2) {
    void (*run)(int) = NULL;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
      if (strcmp(name, operations[i].name) == 0) run = operations[i].run;
    }
    if (run == NULL) die(name);
    uint64_t begin = now();
    for (int i = 0; i < count; i++) run(i);
    printf("%llu\n", (unsigned long long)(now() - begin));
    fflush(stdout);
  }
  return 0;
}
