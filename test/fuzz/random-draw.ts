// A seed always gives the same draws.
import { createSeededRandom } from '../../simulator/wire/seeded-random.ts';

export class RandomDraw {
  readonly #next: () => number;

  constructor(seed: number) {
    // Neighbouring seeds should have nothing in common.
    this.#next = createSeededRandom(Math.imul(seed, 0x9e3779b1));
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('There is nothing to draw from.');
    return list[this.int(0, list.length - 1)] as T;
  }

  /** Each at most once, in any order. */
  pickSome<T>(list: readonly T[], from: number, to: number): T[] {
    const left = [...list];
    return Array.from(
      { length: Math.min(left.length, this.int(from, to)) },
      () => left.splice(this.int(0, left.length - 1), 1)[0] as T,
    );
  }

  weighted<T>(list: readonly T[], weight: (entry: T) => number): T {
    let left = this.#next() * list.reduce((sum, entry) => sum + weight(entry), 0);
    return list.find((candidate) => (left -= weight(candidate)) < 0) ?? this.pick(list);
  }

  letters(length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz234567'): string {
    return Array.from({ length }, () => alphabet.charAt(this.int(0, alphabet.length - 1))).join('');
  }
}
