const loopback = /^(([\w-]+\.)*localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;

/**
 * Whether a computer reaches nothing but itself by that name.
 * @param hostname as in an address, without the port
 */
export const isLoopback = (hostname: string): boolean => loopback.test(hostname);
