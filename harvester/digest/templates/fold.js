// Fold case, accents, ligatures and width, as the program folds the words of the index.  LETTERS, which the program
// writes before this, spells the letters that Unicode does not decompose.
const fold = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\0-\x7f]/g, (letter) => LETTERS[letter] ?? letter);
