/**
 * The C twin compiled to WebAssembly, in the same engine as ours: one call per operation, or one call
 * per replay of a trace that lies in its memory.
 *
 * Invariant: one module a process, and opening a pool ends the one before. Trade-off: the module is built
 * by whoever starts the process, since only the bench's own folder has its sources.
 */
import { readFileSync } from 'node:fs';
import { GRANULE, type Trace } from '../trace-file.js';
import type { OpenRacer, Racer } from './racer.js';

/** What `native/wasm.c` exports. */
interface Twin {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly trace: (operations: number, slots: number) => number;
  readonly open: (frames: number) => void;
  readonly alloc: (frames: number, align: number) => number;
  readonly release: (handle: number) => void;
  readonly start: (handle: number) => number;
  readonly replay: (from: number, end: number) => void;
  readonly floor: (from: number, end: number) => number;
}

/** The little that is used of what the compiler knows only as part of a browser. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

/** `calls`: what is timed of a trace; `once` is all of it in one call, `floor` that of no allocator. */
export function wasmTwin(program: string, calls: 'each' | 'once' | 'floor'): OpenRacer {
  const { Instance, Module } = (globalThis as unknown as { readonly WebAssembly: Engine })
    .WebAssembly;
  // Built from native/wasm.c, and the file's name holds the hash of it.
  const twin = new Instance(new Module(readFileSync(program))).exports as Twin;
  if (calls === 'each') return (frames) => new WasmTwin(twin, frames);
  return (frames) => new WholeWasmTwin(twin, frames, calls === 'once' ? twin.replay : twin.floor);
}

class WasmTwin implements Racer {
  readonly bytes = 0;
  protected readonly twin: Twin;
  protected readonly frames: number;

  constructor(twin: Twin, frames: number) {
    this.twin = twin;
    this.frames = frames;
    twin.trace(0, 0);
    twin.open(frames);
  }

  alloc(frames: number, align: number): number {
    // Larger sums would not hold in its words.
    return frames > this.frames ? 0 : this.twin.alloc(frames, align);
  }

  free(handle: number): void {
    this.twin.release(handle);
  }

  startOf(handle: number): number {
    return this.twin.start(handle);
  }
}

class WholeWasmTwin extends WasmTwin {
  private readonly replay: (from: number, end: number) => void;

  constructor(twin: Twin, frames: number, replay: (from: number, end: number) => void) {
    super(twin, frames);
    this.replay = replay;
  }

  wholeReplay({ words, operations, slots }: Trace): () => void {
    const { twin, frames, replay } = this;
    const at = twin.trace(operations, slots);
    const copy = new Int32Array(twin.memory.buffer, at, words.length);
    copy.set(words);
    for (let size = 1; size < copy.length; size += 2) {
      copy[size] = Math.min(copy[size], frames + GRANULE);
    }
    twin.open(frames);
    return () => replay(0, operations);
  }
}
