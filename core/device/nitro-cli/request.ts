/**
 * What run-enclave was asked for, once its arguments have been read.
 *
 * Invariant: everything here has passed the argument parser and nothing else; whether the parent can
 * give it is decided step by step (run-enclave.ts). Source: nitro RULES.md §5.1.
 */
export interface RunRequest {
  readonly eifPath: string;
  /** u64, as the program multiplied it. */
  readonly memoryMib: bigint;
  readonly cpus: CpuRequest;
  /** u64; 0 = automatic. */
  readonly cid: bigint;
  readonly debug: boolean;
  readonly attachConsole: boolean;
  /** Absent = after the image. */
  readonly name?: string;
}

/** Ids in the order given, or how many. */
export type CpuRequest = { readonly ids: readonly number[] } | { readonly count: number };

/** An image file as far as a run looks at it. */
export interface ImageFile {
  readonly bytes: number;
  /** Size where `bytes` cannot hold it (2^53 and above); the memory rule looks at this one. */
  readonly exactBytes?: bigint;
  /** `unreadable`: the file is no EIF at all. */
  readonly signature: 'none' | 'valid' | 'invalid' | 'unreadable';
  /** Register name → hex, of what the image measures to; absent = it cannot be measured. */
  readonly measurements?: Readonly<Record<string, string>>;
  readonly info?: ImageInfo;
}

/** The metadata section, shown by describe-enclaves --metadata. */
export interface ImageInfo {
  readonly name: string;
  readonly version: string;
  /** Key → value in the order shown: BuildTime, BuildTool, … and the user's own. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * An image that measures to nothing interesting: unsigned, of a size in bytes (u64). `bytes` of one
 * of 2^53 or above is 2^53 - 1, still larger than any parent, and `exactBytes` has its size.
 */
export function plainImage(size: number | bigint): ImageFile {
  const plain = { signature: 'none', measurements: {} } as const;
  if (size <= Number.MAX_SAFE_INTEGER) return { bytes: Number(size), ...plain };
  return { bytes: Number.MAX_SAFE_INTEGER, exactBytes: BigInt(size), ...plain };
}
