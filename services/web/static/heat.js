// Heat maps: the grid from the service as pixels, one per cell; alpha is the cell's value.

const COLOR = [255, 96, 0];

export function cellsOf(map) {
  return Uint8Array.from(atob(map.values), (character) => character.charCodeAt(0));
}

export function paint(canvas, map) {
  canvas.width = map.columns;
  canvas.height = map.rows;
  const pixels = new ImageData(map.columns, map.rows);
  cellsOf(map).forEach((value, index) => pixels.data.set([...COLOR, value], index * 4));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
