export { readProfile } from './profile.ts';
export { NO_PROFILE, openSocialNetwork, type ProfileAnswer, type SocialNetwork } from './social-network.ts';
