// Every page works without this file. It keeps the number of chosen rows beside the buttons that act on them:
// a form with <output data-one="1 signaal gekozen" data-many="{n} signalen gekozen"> and tick cells.
for (const form of document.querySelectorAll("form:has(output[data-many])")) {
  const output = form.querySelector("output[data-many]");
  const show = () => {
    const chosen = form.querySelectorAll('.os-tick input:checked').length;
    output.textContent = chosen === 1 ? output.dataset.one : output.dataset.many.replace("{n}", chosen);
  };
  form.addEventListener("change", show);
  show();
}
