/** Stands where a secret is; a config that holds it after a PATCH named no secret that is there. */
export const MASK = "********";

export const MASK_REMEDY = "is masked and stands for no stored value here; send the value itself";
