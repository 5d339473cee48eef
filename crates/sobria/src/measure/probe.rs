//! The sources of this machine, and why each is used or not.

use sobria_estimate::Reference;
use sobria_estimate::measurement::cpu;

use super::Settings;
use super::gpu::{self, Boards};
use super::machine::Machine;
use super::powercap::Powercap;

/// Why no counter of the processor is used, and what would give one.
pub(super) fn no_counter(powercap: &Powercap, machine: &Machine) -> String {
    if powercap.denied > 0 {
        "le compteur du processeur existe mais n’est lisible que par l’administrateur. Trois choix : donner la lecture de energy_uj à un groupe (règle udev ou tmpfiles) ; « setcap cap_dac_read_search+ep » sur ce programme ; ou garder le calcul d’après la charge."
            .to_owned()
    } else if machine.is_slice {
        "aucun compteur du processeur ici (machine virtuelle ou conteneur) : l’énergie est calculée d’après la charge. Pour mesurer : lancer sur la machine physique, demander à l’hébergeur un fichier de puissance (--vm-power), ou lire une prise mesurée (--meter)."
            .to_owned()
    } else {
        "aucun compteur du processeur ici : l’énergie est calculée d’après la charge. Pour mesurer : charger le module intel_rapl_common, ou lire une prise mesurée (--meter)."
            .to_owned()
    }
}

/// Every source, and why each one is used or not: for `--probe`.
pub fn probe(settings: &Settings, reference: &Reference) -> Vec<[String; 3]> {
    let machine = Machine::read(&settings.roots);
    let powercap = Powercap::open(&settings.roots.powercap);
    let mut rows = Vec::new();
    let row = |name: &str, state: &str, words: String| [name.to_owned(), state.to_owned(), words];
    if powercap.is_empty() {
        rows.push(row(
            "compteur du processeur",
            "absent",
            no_counter(&powercap, &machine),
        ));
    }
    for (path, name) in powercap.list() {
        rows.push(row(
            "compteur du processeur",
            "lisible",
            format!("{path} ({name})"),
        ));
    }
    let boards = Boards::open(settings.boards.as_deref());
    let mut list = boards.list();
    list.extend(gpu::sensors(&settings.roots.sys.join("class/drm")));
    if list.is_empty() {
        rows.push(row(
            "carte graphique",
            "absente",
            "aucune : ni bibliothèque de NVIDIA, ni capteur d’AMD ou d’Intel".to_owned(),
        ));
    }
    for board in list {
        let how = match (board.energy_mj(), board.power_mw()) {
            (Some(_), _) => "compteur d’énergie",
            (None, Some(_)) => "puissance instantanée",
            (None, None) => "aucune valeur",
        };
        rows.push(row(
            "carte graphique",
            "lisible",
            format!("{} ({}, {how})", board.name(), board.source()),
        ));
    }
    let tdp = cpu::tdp(reference, &machine.cpu_model);
    rows.push(row(
        "processeur",
        if tdp.is_some() { "connu" } else { "inconnu" },
        format!(
            "{}, {} fils{}",
            machine.cpu_model,
            machine.threads,
            tdp.map_or_else(
                || ", puissance supposée de 4 W par fil (--tdp pour la donner)".to_owned(),
                |row| format!(", {} W", row.tdp_w)
            )
        ),
    ));
    rows.push(row(
        "mémoire",
        "calculée",
        format!(
            "{:.1} Gio{}",
            machine.memory_gib,
            if machine.is_slice {
                ", part d’une machine"
            } else {
                ""
            }
        ),
    ));
    rows
}
