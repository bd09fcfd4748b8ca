// Finds the known word that a person probably meant.

/** A longer text is no slip of the keyboard, and comparing it would take long. */
const MAX_CHARS = 60;

/** The most similar known word, or undefined if no word is similar. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_CHARS) return undefined;
  const wanted = word.toLowerCase();
  const maxDistance = Math.max(1, Math.floor(wanted.length / 3));
  const [nearest] = known
    .filter(({ length }) => Math.abs(length - wanted.length) <= maxDistance)
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.name;
}

/** The number of characters to insert, remove or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
