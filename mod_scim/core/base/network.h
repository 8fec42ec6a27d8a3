/* Networks of IPv4 and IPv6 in CIDR form, which tokens may be limited to. */
#ifndef SCIM_CORE_NETWORK_H
#define SCIM_CORE_NETWORK_H

/* Is the text a network, "192.0.2.0/24", or one address, "2001:db8::1"? Neither is an IPv4 address in the form of IPv6: no request comes from
 * there. */
int scim_network_valid(const char *text);

/* Is the address (a zone may stand behind it) in the network? An address of the other family never is; what is no network has none. */
int scim_network_has(const char *network, const char *address);

#endif
