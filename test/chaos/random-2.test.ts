import { playSeeds } from './play-seeds.ts';

playSeeds(11, 20);
