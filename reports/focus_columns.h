/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns of FOCUS 1.2 that this house writes and checks: names, types, and when they may be
 * null.
 *
 * Source: FinOps Foundation, FOCUS specification 1.2, specification/columns/ and
 * specification/attributes/ of github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec. A column is
 * mandatory, or conditional on what a provider has, or recommended; of the latter two a file may
 * lack any.
 */
#ifndef REPORTS_FOCUS_COLUMNS_H
#define REPORTS_FOCUS_COLUMNS_H

#include <stdbool.h>

enum focus_type { FOCUS_TEXT, FOCUS_DECIMAL, FOCUS_TIME, FOCUS_CURRENCY, FOCUS_TAGS };

/* When it must not be null. */
enum focus_null {
    FOCUS_NEVER_NULL,
    FOCUS_MAY_BE_NULL,
    FOCUS_NOT_NULL_PRICED /* of usage and purchases, but for corrections; of taxes it is null */
};

/* X(column, type, null, mandatory, allowed values between bars or NULL), in the order written. */
#define FOCUS_COLUMNS(X)                                                                           \
    X(AvailabilityZone, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                    \
    X(BilledCost, FOCUS_DECIMAL, FOCUS_NEVER_NULL, 1, NULL)                                        \
    X(BillingAccountId, FOCUS_TEXT, FOCUS_NEVER_NULL, 1, NULL)                                     \
    X(BillingAccountName, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 1, NULL)                                  \
    X(BillingCurrency, FOCUS_CURRENCY, FOCUS_NEVER_NULL, 1, NULL)                                  \
    X(BillingPeriodEnd, FOCUS_TIME, FOCUS_NEVER_NULL, 1, NULL)                                     \
    X(BillingPeriodStart, FOCUS_TIME, FOCUS_NEVER_NULL, 1, NULL)                                   \
    X(CapacityReservationId, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                               \
    X(CapacityReservationStatus, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, "|Used|Unused|")                \
    X(ChargeCategory, FOCUS_TEXT, FOCUS_NEVER_NULL, 1, "|Usage|Purchase|Tax|Credit|Adjustment|")   \
    X(ChargeClass, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 1, "|Correction|")                               \
    X(ChargeDescription, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 1, NULL)                                   \
    X(ChargeFrequency, FOCUS_TEXT, FOCUS_NEVER_NULL, 0, "|One-Time|Recurring|Usage-Based|")        \
    X(ChargePeriodEnd, FOCUS_TIME, FOCUS_NEVER_NULL, 1, NULL)                                      \
    X(ChargePeriodStart, FOCUS_TIME, FOCUS_NEVER_NULL, 1, NULL)                                    \
    X(CommitmentDiscountCategory, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, "|Spend|Usage|")               \
    X(CommitmentDiscountId, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                \
    X(CommitmentDiscountName, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                              \
    X(CommitmentDiscountQuantity, FOCUS_DECIMAL, FOCUS_MAY_BE_NULL, 0, NULL)                       \
    X(CommitmentDiscountStatus, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, "|Used|Unused|")                 \
    X(CommitmentDiscountType, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                              \
    X(CommitmentDiscountUnit, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                              \
    X(ConsumedQuantity, FOCUS_DECIMAL, FOCUS_MAY_BE_NULL, 0, NULL)                                 \
    X(ConsumedUnit, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                        \
    X(ContractedCost, FOCUS_DECIMAL, FOCUS_NEVER_NULL, 1, NULL)                                    \
    X(ContractedUnitPrice, FOCUS_DECIMAL, FOCUS_NOT_NULL_PRICED, 0, NULL)                          \
    X(EffectiveCost, FOCUS_DECIMAL, FOCUS_NEVER_NULL, 1, NULL)                                     \
    X(InvoiceId, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                           \
    X(InvoiceIssuerName, FOCUS_TEXT, FOCUS_NEVER_NULL, 1, NULL)                                    \
    X(ListCost, FOCUS_DECIMAL, FOCUS_NEVER_NULL, 1, NULL)                                          \
    X(ListUnitPrice, FOCUS_DECIMAL, FOCUS_NOT_NULL_PRICED, 0, NULL)                                \
    X(PricingCategory, FOCUS_TEXT, FOCUS_NOT_NULL_PRICED, 0, "|Standard|Dynamic|Committed|Other|") \
    X(PricingQuantity, FOCUS_DECIMAL, FOCUS_NOT_NULL_PRICED, 1, NULL)                              \
    X(PricingUnit, FOCUS_TEXT, FOCUS_NOT_NULL_PRICED, 1, NULL)                                     \
    X(ProviderName, FOCUS_TEXT, FOCUS_NEVER_NULL, 1, NULL)                                         \
    X(PublisherName, FOCUS_TEXT, FOCUS_NEVER_NULL, 1, NULL)                                        \
    X(RegionId, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                            \
    X(RegionName, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                          \
    X(ResourceId, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                          \
    X(ResourceName, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                        \
    X(ResourceType, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                        \
    X(ServiceCategory, FOCUS_TEXT, FOCUS_NEVER_NULL, 1,                                            \
      "|AI and Machine Learning|Analytics|Business Applications|Compute|Databases|"                \
      "Developer Tools|Multicloud|Identity|Integration|Internet of Things|"                        \
      "Management and Governance|Media|Migration|Mobile|Networking|Security|Storage|Web|Other|")   \
    X(ServiceName, FOCUS_TEXT, FOCUS_NEVER_NULL, 1, NULL)                                          \
    X(ServiceSubcategory, FOCUS_TEXT, FOCUS_NEVER_NULL, 0, NULL)                                   \
    X(SkuId, FOCUS_TEXT, FOCUS_NOT_NULL_PRICED, 0, NULL)                                           \
    X(SkuPriceId, FOCUS_TEXT, FOCUS_NOT_NULL_PRICED, 0, NULL)                                      \
    X(SubAccountId, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                        \
    X(SubAccountName, FOCUS_TEXT, FOCUS_MAY_BE_NULL, 0, NULL)                                      \
    X(Tags, FOCUS_TAGS, FOCUS_MAY_BE_NULL, 0, NULL)

enum focus_column {
#define FOCUS_ID(name, type, null, mandatory, values) FOCUS_##name,
    FOCUS_COLUMNS(FOCUS_ID)
#undef FOCUS_ID
        FOCUS_COLUMN_N
};

struct focus_column_def {
    const char *name;
    enum focus_type type;
    enum focus_null null;
    bool mandatory;
    const char *values; /* "|Used|Unused|"; NULL: any */
};
extern const struct focus_column_def focus_columns[FOCUS_COLUMN_N];
/* -1: none of them. */
int focus_column_find(const char *name);

#endif
