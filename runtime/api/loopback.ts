const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** True for an address that only this machine can reach. */
export const isLoopback = (host: string): boolean => loopback.test(host) || host === "::1";
