// Persons are asked what a job or an alert rule needs to know, again and further up until it is answered; what is asked no more is told as such.
import { clock } from '../clock.ts';
import { config } from '../config.ts';
import { dueNow, type Asked } from '../domain/asking.ts';
import { News } from '../domain/news.ts';
import { messageOf, transient } from '../errors.ts';
import { decisionsForPeople, findDecision, saveDecision } from '../store/alerts.ts';
import { askingNow, isDecision, jobsThatAsk, readAsking, saveAsking, streamOf, type Message } from '../store/asking.ts';
import { readJob } from '../store/jobs.ts';
import { endOfDecision, linkOf, notesOfDecision, questionsOfDecision, questionsOfJob, type Note, type Question } from './questions.ts';
import { kick } from './relay.ts';

interface Standing {
  readonly questions: readonly Question[];
  readonly notes: readonly Note[];
  /** What became of what is asked no more. */
  readonly end: string;
  readonly link: string;
  /** Once it is written. */
  readonly whenTold?: () => Promise<unknown>;
}

const MOST_TRIES = 10;
/** So many that one batch takes them. The others come a minute later. */
const MOST_AT_ONCE = 40;

/** Each minute. What goes wrong with one keeps no other waiting. */
export async function askAll(warn: (message: string) => void): Promise<void> {
  const [asking, jobs, decisions] = await Promise.all([askingNow(), jobsThatAsk(), decisionsForPeople()]);
  const about = new Set([...asking.map((one) => one.about), ...jobs.map(({ jobId }) => jobId), ...decisions.map(({ id }) => id)]);
  for (const one of about) await askAbout(one).catch((error: unknown) => warn(`What is asked about ${one} waits for the next minute: ${messageOf(error)}`));
}

export async function askAbout(about: string): Promise<void> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const [before, standing, now] = await Promise.all([readAsking(about), isDecision(about) ? decisionStanding(about) : jobStanding(about), clock().now()]);
    if (!standing) return;
    const questions = standing.questions.slice(0, MOST_AT_ONCE);
    const { open, ask, over } = dueNow(before?.open ?? [], questions, now.toISOString(), config().LIFEBOAT_REMIND_MINUTES);
    const notes = standing.notes.filter(({ key }) => !before?.told.includes(key));
    const messages = [...notes.map((note) => toldNote(note, before?.open ?? [])), ...over.map((asked) => toldEnd(asked, standing)), ...ask.flatMap((asked) => askedOf(asked, questions))];
    if (messages.length > 0) {
      if (!(await saveAsking(before, { about, open, told: [...(before?.told ?? []), ...notes.map(({ key }) => key)] }, messages, now))) continue;
      kick(streamOf(about));
    }
    await standing.whenTold?.();
    return;
  }
  throw transient('AskingContended', `Others ask about ${about} at the same time. It will be tried again.`);
}

async function jobStanding(jobId: string): Promise<Standing | undefined> {
  const job = await readJob(jobId);
  if (!job) return undefined;
  const questions = job.state === 'running' ? questionsOfJob(job) : [];
  return { questions, notes: [], end: job.state === 'running' ? 'It was answered, or is no question any more.' : `The job has ended: ${job.state}.`, link: linkOf('jobs', jobId) };
}

async function decisionStanding(id: string): Promise<Standing | undefined> {
  const decision = await findDecision(id);
  if (!decision) return undefined;
  const whenTold = decision.toTell ? { whenTold: () => saveDecision(decision, { toTell: false }) } : {};
  return { questions: questionsOfDecision(decision), notes: notesOfDecision(decision), end: `It is ${endOfDecision(decision)}`, link: linkOf('alert-decisions', id), ...whenTold };
}

function askedOf({ key, times }: Asked, questions: readonly Question[]): Message[] {
  return questions.filter((question) => question.key === key).map(({ subject, title, text, link, since, until, answers }) => ({
    news: News.personAsked, subject, data: { times, title, text, link, since, until, answers },
  }));
}

const toldNote = ({ subject, title, text, link }: Note, open: readonly Asked[]): Message => ({ news: News.personTold, subject, data: { times: mostTimes(open), title, text, link } });

const toldEnd = ({ key, times, title }: Asked, { end, link }: Standing): Message => ({ news: News.personTold, subject: key, data: { times, title: `Nothing more to do. ${title}`, text: end, link } });

/** As far up as it was asked, it is told. */
const mostTimes = (open: readonly Asked[]): number => Math.max(1, ...open.map(({ times }) => times));
