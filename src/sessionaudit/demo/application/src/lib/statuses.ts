export const ACTIVE_SESSION = ['pending', 'waiting', 'live'] as const

// A request that nobody has accepted for a while was once called unattended.
export const OPEN_REQUEST = ['pending', 'unattended'] as const

export type SessionType = 'chat' | 'video' | 'diagnostic'
