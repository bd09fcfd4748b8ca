import { playSeeds } from './play-seeds.ts';

playSeeds(5, 6);
