#include "network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

typedef struct network_t {
    unsigned char bytes[16];
    int most;                          /* bits of an address of this family */
    int bits;                          /* so many of them count */
} network_t;

static int parse_address(const char *text, size_t len, network_t *out)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    char ip[INET6_ADDRSTRLEN];

    if (len >= sizeof ip) {
        return 0;
    }
    memcpy(ip, text, len);
    ip[len] = '\0';
    if (inet_pton(AF_INET, ip, out->bytes) == 1) {
        out->most = 32;
        return 1;
    }
    out->most = 128;
    return inet_pton(AF_INET6, ip, out->bytes) == 1 && memcmp(out->bytes, mapped, sizeof mapped) != 0;
}

static int parse_network(const char *text, network_t *out)
{
    size_t len = strcspn(text, "/"), digits;
    const char *bits = text + len + 1;

    if (!parse_address(text, len, out)) {
        return 0;
    }
    out->bits = out->most;
    if (!text[len]) {
        return 1;
    }
    digits = strspn(bits, "0123456789");
    if (digits < 1 || digits > 3 || bits[digits]) {
        return 0;
    }
    out->bits = atoi(bits);
    return out->bits <= out->most;
}

int scim_network_valid(const char *text)
{
    network_t network;

    return parse_network(text, &network);
}

/* Do the first bits agree? */
static int agree(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8, rest = bits % 8;

    return memcmp(a, b, (size_t)whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

int scim_network_has(const char *network, const char *address)
{
    network_t n, a;

    return parse_network(network, &n) && parse_address(address, strcspn(address, "%"), &a) && n.most == a.most && agree(n.bytes, a.bytes, n.bits);
}
