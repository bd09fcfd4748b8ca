// Compiles the patterns of LIKE: % for any text, _ for one character, [a-f] and [^a-f] for one
// character of a set.

export function likePattern(pattern: string, escape: string | undefined): RegExp {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    const close = pattern.indexOf(']', index + 2);
    if (character === escape && index + 1 < pattern.length) {
      index += 1;
      source += escapeCharacter(pattern[index] ?? '');
    } else if (character === '%') source += '.*';
    else if (character === '_') source += '.';
    else if (character === '[' && close > 0) {
      source += characterClass(pattern.slice(index + 1, close));
      index = close;
    } else source += escapeCharacter(character);
  }
  return new RegExp(`^${source}$`, 's');
}

function characterClass(characters: string): string {
  const negated = characters.startsWith('^');
  return `[${negated ? '^' : ''}${characters.slice(negated ? 1 : 0).replace(/[\\\]^]/g, '\\$&')}]`;
}

function escapeCharacter(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&');
}
