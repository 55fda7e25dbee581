// Who is in many teams finds one by typing; Enter takes the first that is left.
for (const search of document.querySelectorAll(".team-filter")) {
  const field = search.querySelector("input");
  const teams = [...search.parentElement.querySelectorAll("button[name=team]")];
  search.hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLocaleLowerCase();
    for (const team of teams) team.hidden = !team.title.toLocaleLowerCase().includes(wanted);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") teams.find((team) => !team.hidden)?.click();
  });
}
