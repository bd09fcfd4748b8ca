// Checks the transitions of stored states. Each kind of document has one table with the allowed
// transitions and their causes.

/** For each state, the possible next states with the causes that may bring them about. */
export type Transitions<State extends string, Mover extends string> = Readonly<
  Record<State, { readonly [To in State]?: readonly Mover[] }>
>;

/**
 * Throws for a transition that the table does not allow for this cause.
 * Every function that saves a state calls this function before the write.
 */
export function assertTransition<State extends string, Mover extends string>(
  kind: string,
  transitions: Transitions<State, Mover>,
  cause: Mover,
  from: State,
  to: State,
): void {
  const allowedCauses = transitions[from][to];
  if (!allowedCauses)
    throw new Error(`${withArticle(kind)} may not go from ${from} to ${to}. Nothing was written.`);
  if (!allowedCauses.includes(cause))
    throw new Error(
      `${withArticle(kind)} may not go from ${from} to ${to} by "${cause}", only by ${allowedCauses.join(' or ')}. ` +
        'Nothing was written.',
    );
}

const withArticle = (kind: string): string => `${/^[aeiou]/.test(kind) ? 'An' : 'A'} ${kind}`;

/** Returns the states with this property, in the order of the table. */
export const statesWhere = <State extends string, Fact>(
  table: Readonly<Record<State, Fact>>,
  holds: (fact: Fact) => boolean,
): readonly State[] => (Object.keys(table) as State[]).filter((state) => holds(table[state]));
