// The raw echo that servers are measured against: one socket at every address, recvmmsg,
// IP_PKTINFO, sendmmsg. Each answer has the size that the second argument says, begins
// with what came, and leaves from the address that was asked.
// Usage: echo PORT SIZE
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { many = 64, room = 1500 };

static struct mmsghdr headers[many];
static struct iovec parts[many];
static struct sockaddr_in names[many];
static char datagrams[many][room];
static union {
	struct cmsghdr first;
	char room[64];
} infos[many];

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "usage: echo PORT SIZE\n");
		return 2;
	}
	size_t size = (size_t)atoi(argv[2]);
	int on = 1, buffer = 4 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2);
	if (size > room || setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) || bind(fd, (struct sockaddr *)&at, sizeof at)) {
		perror("echo");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		for (int i = 0; i < many; i++) {
			parts[i] = (struct iovec){datagrams[i], room};
			headers[i].msg_hdr = (struct msghdr){
				.msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &parts[i], .msg_iovlen = 1,
				.msg_control = &infos[i], .msg_controllen = sizeof infos[i],
			};
		}
		int n = recvmmsg(fd, headers, many, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(&infos[i].first);
			info->ipi_spec_dst = info->ipi_addr;
			info->ipi_ifindex = 0;
			headers[i].msg_hdr.msg_controllen = CMSG_SPACE(sizeof *info);
			parts[i].iov_len = size;
			datagrams[i][0] = (datagrams[i][0] & 0xcf) | 0x20; // an acknowledgement
		}
		for (int sent = 0; sent < n;) {
			int m = sendmmsg(fd, headers + sent, n - sent, 0);
			if (m <= 0)
				break;
			sent += m;
		}
	}
}
