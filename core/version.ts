/** The engine's version: part of every run id. Invariant: equals package.json (a test compares). */
export const ENGINE_VERSION = '0.5.0';
