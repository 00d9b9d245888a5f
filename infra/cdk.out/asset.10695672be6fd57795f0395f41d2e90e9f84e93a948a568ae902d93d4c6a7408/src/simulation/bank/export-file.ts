import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import type { Random } from './random.ts';

const FLUSH_CHARS = 256 * 1024;

export type ExportCell = string | number | null;

/**
 * One source file of the core-banking export: gzip CSV. A stated share of rows comes out damaged or twice, as exports do.
 */
export class ExportFile {
  readonly #gzip: Gzip;
  readonly #done: Promise<void>;
  readonly #random: Random;
  readonly #faultRate: number;
  #text: string;
  rows = 0;

  constructor(path: string, header: readonly string[], random: Random, faultRate: number) {
    // Level 1: the files are scratch; smaller ones cost more time than they save.
    this.#gzip = createGzip({ level: 1 });
    const file = createWriteStream(path);
    this.#gzip.pipe(file);
    this.#done = finished(file);
    this.#random = random;
    this.#faultRate = faultRate;
    this.#text = `${header.join(',')}\n`;
  }

  add(cells: readonly ExportCell[]): void {
    const line = cells.join(',');
    this.rows++;
    if (this.#faultRate > 0 && this.#random.chance(this.#faultRate)) {
      this.#text += this.#faulty(cells, line);
      return;
    }
    this.#text += `${line}\n`;
  }

  /** Half of the faults are the row again, which loses nothing; the others spoil the row. */
  #faulty(cells: readonly ExportCell[], line: string): string {
    const random = this.#random;
    const draw = random.uniform();
    if (draw < 0.5) return `${line}\n${line}\n`;
    if (draw < 0.65) return `${line.slice(0, Math.max(3, Math.floor(line.length / 2)))}\n`;
    const spoiled = [...cells];
    if (draw < 0.75) spoiled[0] = '';
    else {
      const dated = spoiled.findIndex((cell) => typeof cell === 'string' && /^\d{4}-\d\d-\d\d/.test(cell));
      const numbered = spoiled.findIndex((cell, i) => i > 0 && typeof cell === 'string' && /^-?\d+\.\d\d$/.test(cell));
      if (draw < 0.87 && dated > 0) spoiled[dated] = String(spoiled[dated]).replace(/-\d\d-\d\d/, '-02-30');
      else if (numbered > 0) spoiled[numbered] = `${String(spoiled[numbered]).replace('.', 'O')}`;
      else spoiled[0] = '';
    }
    return `${spoiled.join(',')}\n`;
  }

  /** Waits while the compressor is behind, so that memory stays bounded. */
  async flush(minChars = 0): Promise<void> {
    if (this.#text.length < minChars || this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (!this.#gzip.write(text)) await new Promise<void>((resolve) => this.#gzip.once('drain', () => resolve()));
  }

  flushWhenFull(): Promise<void> {
    return this.flush(FLUSH_CHARS);
  }

  async close(): Promise<void> {
    await this.flush();
    this.#gzip.end();
    await this.#done;
  }
}

export const money = (minor: number): string => {
  const absolute = Math.abs(minor);
  const cents = absolute % 100;
  return `${minor < 0 ? '-' : ''}${(absolute - cents) / 100}.${cents < 10 ? '0' : ''}${cents}`;
};
