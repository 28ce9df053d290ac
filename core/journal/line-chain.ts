/**
 * Lines of JSON that are checked one by one, for whatever is stored as text.
 *
 * Every line is "<8 hex digits> <JSON>": the digits are the head of the running SHA-256 over all JSON
 * texts up to and with this line, so a changed, missing, doubled or moved line breaks the chain at
 * that line. Invariant: a line is read as exactly what was written, or not at all. Trade-off: 32 bits
 * a line keep lines readable; who needs all 256 writes the digest into a last line.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { isMapping } from '../units/field-checks.js';

const CHECK_DIGITS = 8;

export class LineChain {
  readonly #hash = sha256.create();

  /** The next line, with its newline. */
  line(json: string): string {
    this.#add(json);
    return `${this.#digits()} ${json}\n`;
  }

  /** The JSON text of the next line; undefined = it is not the line that was written. */
  read(line: string): string | undefined {
    const json = line.slice(CHECK_DIGITS + 1);
    this.#add(json);
    return line === `${this.#digits()} ${json}` ? json : undefined;
  }

  /** Of all lines so far, in 64 hex digits. */
  digest(): string {
    return bytesToHex(this.#hash.clone().digest());
  }

  #add(json: string): void {
    this.#hash.update(utf8ToBytes(`${json}\n`));
  }

  #digits(): string {
    return this.digest().slice(0, CHECK_DIGITS);
  }
}

/** What a line's JSON says, where it is a mapping. */
export function mappingIn(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
