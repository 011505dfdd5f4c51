package ocf

// Paths of the security resources beside doxm and pstat.
const (
	PathCred  = "/oic/sec/cred"
	PathACL   = "/oic/sec/acl2"
	PathSP    = "/oic/sec/sp"
	PathCSR   = "/oic/sec/csr"
	PathRoles = "/oic/sec/roles"
	PathSDI   = "/oic/sec/sdi"
	PathAEL   = "/oic/sec/ael"
)

// Resource types of the security resources beside pstat.
const (
	RTDoxm  = "oic.r.doxm"
	RTCred  = "oic.r.cred"
	RTACL   = "oic.r.acl2"
	RTSP    = "oic.r.sp"
	RTCSR   = "oic.r.csr"
	RTRoles = "oic.r.roles"
	RTSDI   = "oic.r.sdi"
	RTAEL   = "oic.r.ael"
)

// Owner transfer methods, oxms and oxmsel of doxm.
const (
	OXMJustWorks   = 0
	OXMRandomPIN   = 1
	OXMCertificate = 2
	OXMSelf        = 4 // none chosen yet
)
