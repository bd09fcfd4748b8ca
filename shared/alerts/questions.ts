// What an alert decision asks persons, and what it tells them.
import { ask, askAboutJob, type Standing } from '../delivery/askPersons.ts';
import { askedAndAsking, isDecision } from '../delivery/askingStore.ts';
import { areAddressesNew } from '../delivery/joining.ts';
import { linkOf, type Note, type Question } from '../delivery/questions.ts';
import { messageOf } from '../core/errors.ts';
import type { DecisionDocument } from './documents.ts';
import { decisionsForPeople, findDecision, saveDecision } from './store.ts';

/** Each minute, about every job and decision that asks. What goes wrong with one keeps no other waiting. */
export async function askAll(warn: (message: string) => void): Promise<void> {
  const [asked, decisions] = await Promise.all([askedAndAsking(), decisionsForPeople()]);
  const about = new Set([...asked, ...decisions.map(({ id }) => id)]);
  const areSomeNew = about.size > 0 && (await areAddressesNew('people'));
  for (const one of about) {
    await (isDecision(one) ? askAboutDecision : askAboutJob)(one, areSomeNew).catch((error: unknown) =>
      warn(`What is asked about ${one} waits for the next minute: ${messageOf(error)}`),
    );
  }
}

/** `areSomeNew`: there may be addresses that do not know of what was asked before. */
export const askAboutDecision = (id: string, areSomeNew = false): Promise<void> =>
  ask(id, () => decisionStanding(id), areSomeNew);

async function decisionStanding(id: string): Promise<Standing | undefined> {
  const decision = await findDecision(id);
  // To be started, and not known to be yet: what has become of it is told once that is settled.
  if (!decision || decision.state === 'due') return undefined;
  const whenTold = decision.toTell ? { whenTold: () => saveDecision(decision, { toTell: false }) } : {};
  return {
    questions: questionsOfDecision(decision),
    notes: notesOfDecision(decision),
    end: `It is ${endOfDecision(decision)}`,
    link: linkOf('alert-decisions', id),
    callerId: decision.grant?.by.id ?? null,
    ...whenTold,
  };
}

const whichAlert = ({ alert }: DecisionDocument): string =>
  `the alert "${alert.name}" (severity ` +
  `${alert.severity}${alert.regions.length > 0 ? `, ${alert.regions.join(', ')}` : ''}) of ` +
  alert.firedAt;

function questionsOfDecision(decision: DecisionDocument): Question[] {
  const { id, state, approval, rule, command, why } = decision;
  if (state !== 'waiting' || !approval || !command) return [];
  const link = linkOf('alert-decisions', id);
  const ending =
    approval.expiresAt === null ? '' : ` Without an answer nothing is started after ${approval.expiresAt}.`;
  return [
    {
      key: `approval:${approval.askedAt}`,
      subject: id,
      title: `Lifeboat asks: ${command.operation} by the alert rule ${rule.name}?`,
      text: `Because of ${whichAlert(decision)}. ${decision.outcome ?? why}${ending}`,
      link,
      since: approval.askedAt,
      until: approval.expiresAt,
      answers: [
        ['approved', 'approve'],
        ['refused', 'refuse'],
      ].map(([answer = '', path]) => ({
        answer,
        method: 'POST',
        address: `${link}/${String(path)}`,
        body: { reason: 'Why.' },
      })),
    },
  ];
}

function notesOfDecision(decision: DecisionDocument): Note[] {
  const { id, state, cleared, rule, command, outcome } = decision;
  const about = { subject: id, link: linkOf('alert-decisions', id) };
  const over =
    state === 'waiting' && cleared.length > 0
      ? [
          {
            ...about,
            key: `cleared:${cleared.length}`,
            title: `The alert is over: ${decision.alert.name}`,
            text:
              `While the rule ${rule.name} waits for an answer, ${cleared.length} of ` +
              `${decision.counted.length} alerts are over. It still asks whether to start ` +
              `${command?.operation ?? 'it'}.`,
          },
        ]
      : [];
  const failed = decision.toTell
    ? [
        {
          ...about,
          key: 'notStarted',
          title: `Not started by the alert rule ${rule.name}`,
          text:
            `Because of ${whichAlert(decision)} it was to start ` +
            `${command?.operation ?? 'something'}. ${outcome ?? ''}`,
        },
      ]
    : [];
  return [...over, ...failed];
}

/** How the question about it ended. */

const endOfDecision = ({ state, outcome }: DecisionDocument): string =>
  `${state}${outcome === null ? '.' : `: ${outcome}`}`;
