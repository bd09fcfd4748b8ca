// Which state may follow which, and who may move a document there: one table for each kind of document.

/** For each state the states that may follow, each with its movers. */
export type Transitions<State extends string, Mover extends string> = Readonly<
  Record<State, { readonly [To in State]?: readonly Mover[] }>
>;

/**
 * Throws for a move that the table does not have, or not for this mover.
 * Every function that saves a state asks here before it writes.
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

/** The states of a table for which a fact holds, in the table's order. */
export const statesWhere = <State extends string, Fact>(
  table: Readonly<Record<State, Fact>>,
  holds: (fact: Fact) => boolean,
): readonly State[] => (Object.keys(table) as State[]).filter((state) => holds(table[state]));
