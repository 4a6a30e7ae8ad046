"""Files as instruments write them: the forms are the vendors' own, the samples and figures are made up."""

from io import BytesIO

import flowio

NUCLEOVIEW = """Viability and Cell Count Assay; ;
Image;20260312-0012-c-{sample};
Operator;{operator};
Viability (%);{viability};
Live (cells/ml);2.45E6;
Dead (cells/ml);1.14E6;
Total (cells/ml);3.58E6;
 ; ;
Estimated cell diameter (um);<8;
Sample Volume (ul);200.0;
;
Instrument type;NucleoView NC-200
Date time;20260312 163016

//[ECEC5A41]
"""
NC_VIEW = """\
NAME,SAMPLE ID,PROTOCOL,OPERATOR,STATUS,TOTAL (cells/ml),LIVE (cells/ml),DEAD (cells/ml),VIABILITY (%)
20260312-00019,{sample},Count & Viability,chb,OK,274\u00a0000,124 000,150 000,45.1
20260312-00026,S-2,Count & Viability,chb,Warning: Foreign object detected,1.07E+06,1.02E+06,54 400,94.9
"""
NC_VIEW_REPORT = (
    "Source ID:\t20260312-00009\nTime (UTC):\t2026-03-12 09:49:29\nSample ID:\t{sample}\n"
    "Protocol:\tCount & Viability; 1.49\nOperator:\tgih\nTotal (cells/ml):\t1.12E+06\nLive (cells/ml):\t9.28E+05\n"
    "Dead (cells/ml):\t1.90E+05\nViability (%):\t83.0\nStatus:\tOK\n"
)
VI_CELL_BLU = """\
Sample ID,Total (x10^6) cells/mL,Viable (x10^6) cells/mL,Viability (%),Analysis date/time,Analysis by
{sample},0.78,0.75,96.9,3/12/2026 16:56,Vi-CELL
"""
VI_CELL_XR = """Vi-CELL XR 2.06.3

Sample ID : {sample}
RunDate : 12 Mar 2026  5:21:32 AM
User :

Results:
Viability (%) : 97.0
Total cells / ml (x 10^6) : 90.2
Total viable cells / ml (x 10^6) : 87.4

Settings:
Dilution : 20.00

ImageBaseName : B2534-3509D14
"""
NOVA = (
    '"Date & Time","Sample ID","Sample Type","Gln","Gluc (g/L)","pH","Vessel ID","Sparging O2%","Operator",\n'
    "3-12-2026  14:34:52,{sample},Spent Media,1.83,2.65,7.400,V1,20.9,ANALYST1,\n"
)
CEDEX = (
    "0\t2026-03-12 13:04:06\t#ARC-FILE#\t1.1a\t2026-03-12\t2026-03-12\tCEDEX BIO HT\t1\t6.0.0\tADMIN\n"
    "40\t2026-03-12 16:55:51\t{sample}\t\tSAM\t        \tGLC3B\t        \tg/L\t \t  6.32\t  1.05\tR\n"
    "40\t2026-03-12 16:55:52\tQC1\t\tQC\t        \tGLC3B\t        \tg/L\t \t  5.00\t  1.05\tR\n"
    "40\t2026-03-12 16:56:18\t{sample}\t\tSAM\t        \tLDH2B\t        \tU/L\t< TEST RNG\t< 20.00\t  0.1\tR\n"
    "40\t2026-03-12 16:56:37\t{sample}\t\tSAM\t        \tLAC2B\t        \tg/L\tv\t  1.89\t  0.15\tR\n"
)


def counted(sample: str = "S-1", *, viability: str = "92.4", operator: str = "DrScientist") -> bytes:
    """What a NucleoCounter says of one sample."""
    return NUCLEOVIEW.format(sample=sample, viability=viability, operator=operator).encode()


def cytometry(sample: str = "S-1") -> bytes:
    """Two events in two channels."""
    made = BytesIO()
    flowio.create_fcs([1.0, 2.0, 3.0, 4.0], ["FSC-A", "SSC-A"], made, extra={"SMNO": sample})
    return made.getvalue()
