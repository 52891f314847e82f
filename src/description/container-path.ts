/** PATH of the bases that are made here, `static` and `scratch`; it is that of nearly every other image too. */
export const OWN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
