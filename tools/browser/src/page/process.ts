// What tests look at of Node's `process`: no variable is set in a page.
export const process = { env: {} as Record<string, string | undefined>, platform: 'browser', arch: '' };
