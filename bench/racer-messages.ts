/**
 * What a race and the process of one racer say to each other. Invariant: each order gets one answer,
 * in order. A trace travels as a file; places come back as one.
 */
import type { Spread } from './statistics.js';

export type Order =
  | { readonly kind: 'load'; readonly file: string }
  /** One timed replay of the operations from `from` up to `operations`. */
  | { readonly kind: 'replay'; readonly operations: number; readonly from: number }
  | { readonly kind: 'places'; readonly operations: number; readonly file: string }
  /** Each operation timed by itself. */
  | { readonly kind: 'singles'; readonly operations: number };

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'replay'; readonly ns: number }
  | { readonly kind: 'places'; readonly bytes: number; readonly bytesPerExtent: number }
  | { readonly kind: 'singles'; readonly ns: Spread };
