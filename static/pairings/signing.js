// A place where somebody signs with the finger. What is drawn goes into the form as a small PNG file.

const INK = "#1f2328";

/** Let a canvas be drawn on. Answers { isEmpty(), wipe(), blob() }; `changed` is called after each stroke. */
export const drawOn = (canvas, changed = () => {}) => {
  const pen = canvas.getContext("2d");
  let drawn = false;
  let last = null;

  const wipe = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    drawn = false;
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * canvas.width,
      ((event.clientY - box.top) / box.height) * canvas.height,
    ];
  };
  const stroke = (from, to) => {
    pen.strokeStyle = INK;
    pen.lineWidth = 6;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    drawn = true;
  };

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const to = place(event);
    stroke(last, to);
    last = to;
  });
  const lift = () => {
    if (!last) return;
    last = null;
    changed();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  wipe();

  return {
    isEmpty: () => !drawn,
    wipe: () => { wipe(); changed(); },
    clear: wipe,  // without telling: another visit comes onto the page
    blob: () => new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); }),
    /** Show what was drawn before the page was left. */
    show: async (blob) => {
      const image = await createImageBitmap(blob);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      drawn = true;
    },
  };
};

// ---- a form of its own: the file box is filled with what was drawn

document.querySelectorAll("[data-sign-into]").forEach((place) => {
  const box = document.querySelector(`input[type=file][name="${place.dataset.signInto}"]`);
  if (!box) return;
  const board = drawOn(place.querySelector("canvas"), async () => {
    const files = new DataTransfer();
    if (!board.isEmpty()) files.items.add(new File([await board.blob()], "signature.png", { type: "image/png" }));
    box.files = files.files;
  });
  place.querySelector("[data-wipe]").addEventListener("click", board.wipe);
});
